"""bench/lines.py: what counts as a line of code, and to which floor and chapter it belongs."""

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "bench" / "lines.py"


@pytest.fixture(scope="module")
def lines() -> dict[str, Any]:
    """Load bench/lines.py."""
    return runpy.run_path(str(SCRIPT))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Write an invented checkout: each file holds as many lines of code as its number says."""
    for name, number in {
        "__init__.py": 1,
        "db/engine.py": 2,
        "rules/errors.py": 3,
        "rules/voting/tally.py": 4,
        "rules/voting/deep/further.py": 5,
        "models/voting.py": 6,
        "exports/formats/docx.py": 7,
        "views/people/auth.py": 8,
        "migrations/versions/0001.py": 100,
        "demo/story.py": 100,
        "services/demo/story.py": 100,
        "services/demo_clock.py": 100,
    }.items():
        path = tmp_path / "votes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('"""A docstring."""\n\n' + "x = 1  # a comment\n" * number, "utf-8")
    (tmp_path / "votes" / "rules" / "notes.txt").write_text("no Python\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("source", "number"),
    [
        pytest.param("", 0, id="empty"),
        pytest.param("x = 1", 1, id="no newline at the end"),
        pytest.param("\n\n# only a comment\n   \n", 0, id="blank and comment"),
        pytest.param("x = 1  # behind code\n", 1, id="comment behind code"),
        pytest.param('"""One."""\n', 0, id="docstring"),
        pytest.param('"""One.\n\nTwo.\n"""\nx = 1\n', 1, id="docstring over lines"),
        pytest.param('def f():\n    """Do."""\n    return 1\n', 2, id="docstring of a function"),
        pytest.param('def f(): "Do."\n', 1, id="docstring on the line of its function"),
        pytest.param("class A:\n    a = 1\n    'What a is.'\n", 2, id="docstring of an attribute"),
        pytest.param("x = [\n    1,\n    # why\n\n    2,\n]\n", 4, id="statement over lines"),
        pytest.param("x = '''\n中文\n\n  # no comment\n'''\n", 4, id="string over lines"),
        pytest.param("x = f'''\n{1}\n\nend\n'''\n", 4, id="f-string over lines"),
        pytest.param("x = 'a\u2028b'\ny = 1\n", 2, id="separators that end no line"),
        pytest.param("a = 1; b = 2\n", 1, id="two statements on a line"),
        pytest.param("x = 1 + \\\n    2\n", 2, id="backslash"),
    ],
)
def test_code_lines_of_a_source_are_counted(lines: dict[str, Any], source: str, number: int) -> None:
    assert lines["code_lines"](source) == number


def test_count_of_a_checkout_is_by_floor_and_chapter(lines: dict[str, Any], checkout: Path) -> None:
    assert dict(lines["count"](checkout)) == {
        ("top level", "shared"): 3,
        ("rules", "shared"): 3,
        ("rules", "voting"): 9,
        ("models", "voting"): 6,
        ("exports", "shared"): 7,
        ("views", "people"): 8,
    }


def test_count_without_votes_folder_is_refused(lines: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such folder"):
        lines["count"](tmp_path)


def test_table_of_a_checkout_has_both_sums(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["lines.py", str(checkout)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    rows = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()}
    #                         rules models services exports forms views web top total
    assert rows["voting"] == ["9", "6", "0", "0", "0", "0", "0", "0", "15"]
    assert rows["shared"] == ["3", "0", "0", "7", "0", "0", "0", "3", "13"]
    assert rows["total"] == ["12", "6", "0", "7", "0", "8", "0", "3", "36"]


def test_json_of_a_checkout_has_floors_and_chapters(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["lines.py", "--json", str(checkout)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    assert json.loads(capsys.readouterr().out) == {
        "total": 36,
        "floors": {"top level": 3, "rules": 12, "models": 6, "exports": 7, "views": 8},
        "chapters": {"shared": 13, "voting": 15, "people": 8},
        "both": {
            "top level": {"shared": 3},
            "rules": {"shared": 3, "voting": 9},
            "models": {"voting": 6},
            "exports": {"shared": 7},
            "views": {"people": 8},
        },
    }
