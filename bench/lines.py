"""Count the lines of Python code under votes/, by floor and by chapter.

    python bench/lines.py [FOLDER] [--json]

FOLDER is a checkout, this one unless told. A line counts when it holds code: blank lines, comments and docstrings do not,
nor do the migrations and the demo. A statement over several lines counts each of them.
"""

import argparse
import io
import json
import tokenize
from collections import Counter
from pathlib import Path

FLOORS = ("rules", "models", "services", "exports", "forms", "views", "web")
TOP = "top level"
CHAPTERS = (
    "people", "projects", "suggestions", "meeting", "voting", "delivery", "supervision", "duties", "proposals",
    "publication",
)  # fmt: skip
SHARED = "shared"
#: Not counted, below votes/.
LEFT_OUT = ("migrations", "demo", "demo_clock.py", "services/demo", "services/demo_clock.py")

LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def code_lines(source: str) -> int:
    """Count the physical lines that hold code.

    A statement that is only a string is a docstring, wherever it stands. Blank lines inside other strings do not count.
    """
    text = source.split("\n")
    counted: set[int] = set()
    statement: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in LAYOUT:
            statement.append(token)
        elif token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
            if any(part.type != tokenize.STRING for part in statement):
                counted.update(row for part in statement for row in range(part.start[0], part.end[0] + 1))
            statement = []
    return sum(1 for row in counted if text[row - 1].strip())


def place(path: Path) -> tuple[str, str]:
    """Return the floor and the chapter of a file, given its path below votes/."""
    floor, *below = path.with_suffix("").parts
    if floor not in FLOORS:
        return TOP, SHARED
    return floor, below[0] if below[0] in CHAPTERS else SHARED


def count(root: Path) -> Counter[tuple[str, str]]:
    """Count the lines of a checkout by (floor, chapter)."""
    votes = root / "votes"
    if not votes.is_dir():
        raise SystemExit(f"{votes}: no such folder")
    lines: Counter[tuple[str, str]] = Counter()
    for path in votes.rglob("*.py"):
        below = path.relative_to(votes)
        if not any(below.is_relative_to(name) for name in LEFT_OUT):
            lines[place(below)] += code_lines(path.read_text("utf-8"))
    return lines


def table(lines: Counter[tuple[str, str]]) -> str:
    """Return the counts as a table: a row for each chapter, a column for each floor, and the sums of both."""
    floors, chapters = (*FLOORS, TOP), (*CHAPTERS, SHARED)
    rows = [
        [name, *(lines[floor, name] for floor in floors), sum(lines[floor, name] for floor in floors)]
        for name in chapters
    ]
    sums = ["total", *(sum(column) for column in list(zip(*rows, strict=True))[1:])]
    return "\n".join(
        f"{name:<12}" + "".join(f"{cell:>10}" for cell in cells)
        for name, *cells in [["chapter", *floors, "total"], *rows, sums]
    )


def main() -> None:
    """Print the counts of a checkout."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument(
        "--json", action="store_true", help="as JSON: by floor, by chapter, in both ways, total"
    )
    options = parser.parse_args()
    lines = count(options.folder)
    if not options.json:
        print(table(lines))
        return
    by_floor: Counter[str] = Counter()
    by_chapter: Counter[str] = Counter()
    both: dict[str, dict[str, int]] = {}
    for (floor, chapter), number in sorted(lines.items()):
        by_floor[floor] += number
        by_chapter[chapter] += number
        both.setdefault(floor, {})[chapter] = number
    print(
        json.dumps(
            {"total": lines.total(), "floors": by_floor, "chapters": by_chapter, "both": both}, indent=2
        )
    )


if __name__ == "__main__":
    main()
