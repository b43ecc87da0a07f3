"""The nine chapters run through every floor under the same names."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = {
    "votes/rules": {"codes", "dates", "errors", "lifecycle", "permissions"},
    "votes/models": {"audit", "base", "imports"},
    "votes/services": {"audit", "health", "imports", "uploads"},
    "votes/exports": {"formats"},
    "votes/forms": {"base", "boxes", "filters", "imports"},
    "votes/views": {"audit", "health"},
    "templates": {"audit", "errors", "layouts", "macros", "print"},
    "static/css": {"overview", "print", "screen", "site"},
}


def chapters() -> set[str]:
    """Return the chapters, from the contract on which of them may import which."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    year = next(each for each in contracts if each["name"] == "The year runs one way")
    rooms = {room.strip(" ()") for layer in year["layers"] for room in layer.split("|")}
    return rooms - SHARED["votes/services"]


def rooms(folder: str) -> set[str]:
    """Return the folders and modules in ``folder``."""
    return {
        path.stem
        for path in (ROOT / folder).iterdir()
        if path.stem not in ("__init__", "__pycache__") and path.suffix in ("", ".py", ".css")
    }


def test_chapters_of_the_contract_are_nine():
    assert len(chapters()) == 9


@pytest.mark.parametrize("floor", SHARED)
def test_floor_holds_chapters_and_what_they_share_only(floor):
    assert rooms(floor) - chapters() - SHARED[floor] == set()


@pytest.mark.parametrize("floor", ["rules", "services", "exports", "forms", "views", "web"])
def test_tests_of_a_floor_stand_in_its_chapters(floor):
    folders = {path.name for path in (ROOT / "tests" / floor).iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders - rooms(f"votes/{floor}") == set()


@pytest.mark.parametrize("floor", ["votes/services", "votes/views", "templates"])
def test_every_chapter_stands_on_the_floor(floor):
    assert chapters() - rooms(floor) == set()


MOST = 120


@pytest.mark.parametrize("folder", ["static/css", "static/js", "templates"])
def test_lines_of_styles_and_scripts_are_short(folder):
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in (".css", ".js")]
    long = [
        f"{path.name}:{number}"
        for path in files
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if len(line) > MOST
    ]
    assert files
    assert long == []


#: What of a template's line is no text: tags, comments and what Jinja does.
MARKUP = re.compile(r"<[^>]*>?|\{[%#].*?[%#]\}|\{\{.*?\}\}")
#: A sentence stays in one line: a break inside it would be a blank between two characters.
SENTENCE = re.compile(r"[\u4e00-\u9fff].*[，。；：？]|[^ ]{40}")


def test_lines_of_templates_are_short_unless_they_hold_a_sentence():
    files = list((ROOT / "templates").rglob("*.html"))
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if len(line) > MOST and not SENTENCE.search(MARKUP.sub("", line))
    ]
    assert files
    assert long == []
