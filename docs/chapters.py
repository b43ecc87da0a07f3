"""Draw the imports between the chapters of votes/services into docs/architecture.md.

Run `.venv/bin/python docs/chapters.py`. A room is a folder or a single module of votes/services. An arrow from one room
to another carries the number of imports: pairs of an importing and an imported module. An arrow points back when the
contract CONTRACT in pyproject.toml forbids it. A test compares the page with what this would write.
"""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ("votes", "services")
CONTRACT = "The year runs one way"
#: The picture stands between these two lines of the page.
BEGIN, END = "<!-- chapters: written by docs/chapters.py -->", "<!-- end of chapters -->"

Arrows = Counter[tuple[str, str]]


def is_module(root: Path, name: tuple[str, ...]) -> bool:
    """Tell whether a dotted name is a module or a package of the checkout."""
    path = root.joinpath(*name)
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def module_name(root: Path, path: Path) -> tuple[str, ...]:
    """Return the dotted name of a source file, a package being named by its folder."""
    name = path.relative_to(root).with_suffix("").parts
    return name[:-1] if name[-1] == "__init__" else name


def imports(root: Path, path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the dotted names that a source file imports; of `from a import b` a.b where that is a module, else a."""
    package = path.parent.relative_to(root).parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base += tuple((node.module or "").split(".")) if node.module else ()
            for alias in node.names:
                yield (*base, alias.name) if is_module(root, (*base, alias.name)) else base


def rooms(root: Path) -> set[str]:
    """Return the folders and single modules of votes/services."""
    services = root.joinpath(*PACKAGE)
    folders = {path.parent.name for path in services.glob("*/__init__.py")}
    return folders | {path.stem for path in services.glob("*.py")} - {"__init__"}


def arrows(root: Path) -> Arrows:
    """Count the imports between rooms, by importing and imported room."""
    depth, names = len(PACKAGE), rooms(root)
    pairs = {
        (importer, imported)
        for path in root.joinpath(*PACKAGE).rglob("*.py")
        for importer in [module_name(root, path)]
        for imported in imports(root, path)
        if len(importer) > depth and imported[:depth] == PACKAGE and imported[depth : depth + 1]
    }
    between = ((importer[depth], imported[depth]) for importer, imported in pairs)
    return Counter((start, to) for start, to in between if start != to and to in names)


def layers(root: Path) -> list[list[str]] | None:
    """Return the rooms of the contract, highest layer first; None when pyproject.toml has no such contract."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    for contract in settings["tool"]["importlinter"]["contracts"]:
        if contract["name"] == CONTRACT:
            return [re.findall(r"\w+", layer) for layer in contract["layers"]]
    return None


def points_back(order: list[list[str]], arrow: tuple[str, str]) -> bool:
    """Tell whether an arrow leads to a higher layer, or to a neighbour in the same one."""
    level = {name: number for number, layer in enumerate(order) for name in layer}
    return level[arrow[0]] >= level[arrow[1]]


def summary(root: Path) -> str:
    """Say how many rooms and arrows there are, and how many arrows point back."""
    between, order = arrows(root), layers(root) or []
    back = sum(points_back(order, arrow) for arrow in between)
    return f"{len(rooms(root))} rooms, {len(between)} arrows, {between.total()} imports; {back} arrows point back."


def picture(root: Path) -> str:
    """Return the Mermaid flowchart, rooms and arrows in the order of the layers; dotted arrows point back.

    Raises LookupError when the contract is missing or leaves out a room.
    """
    order = layers(root)
    if order is None:
        raise LookupError(f"pyproject.toml has no contract {CONTRACT!r}")
    listed, between = [name for layer in order for name in layer], arrows(root)
    if missing := rooms(root) - set(listed):
        raise LookupError(f"the contract {CONTRACT!r} leaves out {', '.join(sorted(missing))}")
    lines = [f"    {name}" for name in listed if name in rooms(root)]
    for start, to in sorted(between, key=lambda arrow: [listed.index(name) for name in arrow]):
        number = between[start, to]
        shaft = f"-. {number} .->" if points_back(order, (start, to)) else f"-->|{number}|"
        lines.append(f"    {start} {shaft} {to}")
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```"])


def written(page: str, root: Path = ROOT) -> str:
    """Return the page with today's picture between the two marks; a page without them as it is."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        return page
    return f"{before}{begin}\n\n{picture(root)}\n\n{summary(root)}\n\n{end}{after}"


def main(root: Path = ROOT) -> None:
    """Write the picture into docs/architecture.md and print its summary."""
    path = root / "docs" / "architecture.md"
    page = path.read_text("utf-8")
    if BEGIN not in page or END not in page:
        print(f"docs/architecture.md has no place for the picture: it goes between {BEGIN} and {END}")
        return
    path.write_text(written(page, root), "utf-8")
    print(summary(root))


if __name__ == "__main__":
    main()
