"""docs/chapters.py: the picture of the imports between chapters, drawn of an invented tree and of our own."""

import runpy
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent

FILES = {
    "votes/services/__init__.py": "from votes.services import audit\n",  # the floor itself is no room
    "votes/services/audit.py": "import json\nfrom votes.rules import people\n",
    "votes/services/people/__init__.py": "",
    "votes/services/people/accounts.py": "from votes.services import audit\n",
    "votes/services/people/roster.py": """\
        from votes.services.audit import record
        from votes.services.people import accounts
        from . import accounts as again
        """,
    "votes/services/voting/__init__.py": "",
    "votes/services/voting/ballots.py": """\
        import votes.services.audit
        from typing import TYPE_CHECKING
        from votes.services.people import accounts, roster
        from votes.services.people.accounts import find, get
        from ..people.roster import deputies
        if TYPE_CHECKING:
            from votes.services import delivery
        """,
    "votes/services/voting/deep/__init__.py": "",
    "votes/services/voting/deep/tally.py": """\
        from ...people import roster
        from ..ballots import cast
        def late():
            from votes.services import people
        """,
    "votes/services/delivery/__init__.py": "from votes.services.supervision import groups\n",
    "votes/services/supervision/__init__.py": "",
    "votes/services/supervision/groups.py": "from votes.services.voting import ballots\n",
    "votes/services/notes.txt": "from votes.services import voting\n",
}
CONTRACTS = """
    [[tool.importlinter.contracts]]
    name = "Imports point down"
    layers = ["views", "rules"]

    [[tool.importlinter.contracts]]
    name = "The year runs one way"
    layers = ["supervision | delivery | (proposals)", "voting", "people", "audit"]
    """
PICTURE = """\
```mermaid
flowchart TD
    supervision
    delivery
    voting
    people
    audit
    supervision -->|1| voting
    delivery -. 1 .-> supervision
    voting -. 1 .-> delivery
    voting -->|4| people
    voting -->|1| audit
    people -->|2| audit
```"""
SUMMARY = "5 rooms, 6 arrows, 10 imports; 2 arrows point back."


@pytest.fixture(scope="module")
def chapters() -> dict[str, Any]:
    """Load docs/chapters.py."""
    return runpy.run_path(str(ROOT / "docs" / "chapters.py"))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Write an invented checkout with five rooms."""
    for name, source in {**FILES, "pyproject.toml": CONTRACTS}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(source), "utf-8")
    return tmp_path


def test_rooms_are_folders_and_single_modules(chapters: dict[str, Any], checkout: Path) -> None:
    assert chapters["rooms"](checkout) == {"audit", "people", "voting", "delivery", "supervision"}


def test_arrows_count_each_pair_of_modules_once(chapters: dict[str, Any], checkout: Path) -> None:
    assert chapters["arrows"](checkout) == {
        ("people", "audit"): 2,
        ("voting", "audit"): 1,
        ("voting", "people"): 4,  # ballots: accounts, roster; deep.tally: roster, the package itself
        ("voting", "delivery"): 1,
        ("delivery", "supervision"): 1,
        ("supervision", "voting"): 1,
    }


def test_picture_follows_layers_and_dots_what_points_back(chapters: dict[str, Any], checkout: Path) -> None:
    assert chapters["picture"](checkout) == PICTURE
    assert chapters["summary"](checkout) == SUMMARY


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"voting", ', "", "leaves out voting"),
        ("The year runs one way", "Another", "no contract"),
    ],
)
def test_picture_without_whole_contract_is_refused(
    chapters: dict[str, Any], checkout: Path, old: str, new: str, message: str
) -> None:
    (checkout / "pyproject.toml").write_text(dedent(CONTRACTS.replace(old, new)), "utf-8")
    with pytest.raises(LookupError, match=message):
        chapters["picture"](checkout)


def test_command_rewrites_only_between_the_marks(
    chapters: dict[str, Any], checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin, end = chapters["BEGIN"], chapters["END"]
    page = checkout / "docs" / "architecture.md"
    page.parent.mkdir()
    page.write_text(f"# Before\n\n{begin}\nan old picture\n{end}\n\nAfter\n", "utf-8")
    for _ in range(2):  # a second time changes nothing
        chapters["main"](checkout)
        assert page.read_text("utf-8") == (
            f"# Before\n\n{begin}\n\n{PICTURE}\n\n{SUMMARY}\n\n{end}\n\nAfter\n"
        )
    assert capsys.readouterr().out == f"{SUMMARY}\n" * 2


def test_command_leaves_page_without_marks_as_it_is(
    chapters: dict[str, Any], checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = checkout / "docs" / "architecture.md"
    page.parent.mkdir()
    page.write_text("# No marks\n", "utf-8")
    chapters["main"](checkout)
    assert page.read_text("utf-8") == "# No marks\n"
    assert "no place for the picture" in capsys.readouterr().out


def test_picture_in_the_architecture_page_is_current(chapters: dict[str, Any]) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    has_marks = chapters["BEGIN"] in page and chapters["END"] in page
    assert has_marks == (chapters["layers"](ROOT) is not None), (
        "the contract and the two marks belong together"
    )
    assert page == chapters["written"](page), "write it anew: make docs"
