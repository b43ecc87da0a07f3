"""The documents say what the code does: settings, commands, permissions, words, links, pictures, promises."""

import re
import runpy
from collections.abc import Mapping
from email import message_from_string
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from votes import models
from votes.config import ENVIRONMENT
from votes.db import Database
from votes.rules.delivery.acceptances import AcceptanceKind, Conclusion, Mark, RereportState
from votes.rules.delivery.adjustments import AdjustmentCause, AdjustmentKind, AdjustmentState
from votes.rules.delivery.lights import Light
from votes.rules.delivery.trackings import TRACKING, CarryOver, TrackingState
from votes.rules.duties.duties import DutyAttendanceState, DutyKind, DutyMeetingKind, DutyState
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.meeting.rule import CHOICES, Rule
from votes.rules.people.roles import AttendanceState, BodyKind, DeputyState, Role, TellerRole
from votes.rules.permissions import Permission
from votes.rules.projects.projects import PROJECT, Decision, ProjectState
from votes.rules.suggestions.matters import MATTER, TRANSFER, MatterState, Outcome, TransferState
from votes.rules.suggestions.suggestions import SUGGESTION, AuthorKind, Channel, SuggestionState
from votes.rules.suggestions.terms import Term
from votes.rules.supervision.supervision import InspectionKind, InspectionState, RectificationState, Slip
from votes.web.words.labels import label

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "README.en.md", ROOT / "CHANGELOG.md"])
READMES = ("README.md", "README.en.md")
PROMISE = "关闭票箱后，任何人（包括系统管理员）都无法从系统中查出某位代表投了什么；投票进行期间，技术操作员须被信任。"
ENUMS = (
    BodyKind, Role, TellerRole, DeputyState, AttendanceState, ProjectState, Decision, SessionState, RoundState,
    TrackingState, CarryOver, Light, Channel, SuggestionState, AuthorKind,
    MatterState, Outcome, TransferState, Term,
    DutyMeetingKind, DutyAttendanceState, DutyKind, DutyState,
    AdjustmentKind, AdjustmentCause, AdjustmentState, AcceptanceKind, Conclusion, Mark, RereportState,
    InspectionKind, InspectionState, RectificationState, Slip,
)  # fmt: skip


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def table(text: str, columns: int) -> list[list[str]]:
    """Return the rows of every table of that width, cells without backticks."""
    rows = [line.strip().strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "") for cell in row] for row in rows if len(row) == columns]


# --- settings, commands, permissions -------------------------------------------------------------------


@pytest.mark.parametrize("name", [*READMES, "docs/operations.md"])
def test_every_setting_is_listed_and_no_other(name: str) -> None:
    named = [row[0] for row in table(read(name), 3) if re.fullmatch(r"[A-Z_]+", row[0])]
    assert sorted(named) == sorted({*ENVIRONMENT, "TRUSTED_PROXIES", "WORKERS"})


@pytest.mark.parametrize("name", ["README.md", "docs/operations.md"])
def test_settings_have_the_default_they_are_said_to_have(name: str) -> None:
    rows = {row[0]: row[1] for row in table(read(name), 3)}
    assert {key: rows[key] for key in ENVIRONMENT} == {key: said for key, (said, _) in ENVIRONMENT.items()}


def test_every_command_is_listed_and_no_other(one_app: Flask) -> None:
    part = read("docs/operations.md").split("### 命令")[1].split("###")[0]
    assert sorted(row[0].split()[0] for row in table(part, 2)[2:]) == sorted(one_app.cli.commands)


def test_the_page_of_permissions_is_current(one_app: Flask) -> None:
    wanted = runpy.run_path(str(DOCS / "permissions.py"))["written"](one_app)
    assert read("docs/permissions.md") == wanted, "write it anew: .venv/bin/python docs/permissions.py"


def test_every_permission_says_who_has_it() -> None:
    rows = {row[0]: row[2].split("<br>") for row in table(read("docs/permissions.md"), 3)[2:]}
    assert list(rows) == [permission.value for permission in Permission]
    assert {name: len(lines) for name, lines in rows.items()} == {p.value: len(p.lines) for p in Permission}


# --- licences ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def licences() -> dict[str, Any]:
    """Load docs/licences.py."""
    return runpy.run_path(str(DOCS / "licences.py"))


def licence_rows() -> dict[str, list[str]]:
    """Return the Python packages of docs/licences.md by name: version, licence, purpose, needed by."""
    return {row[0]: row[1:] for row in table(read("docs/licences.md"), 5)[2:]}


def pinned(name: str) -> dict[str, str]:
    """Return the versions that a list pins, extras left out."""
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==(\S+)", read(name), re.M))


@pytest.mark.parametrize("name", ["pyproject.toml", "LICENSE", *READMES, "docs/licences.md"])
def test_licence_identifier_is_the_same_everywhere(name: str) -> None:
    assert re.findall(r"\bMulan\w*-[\d.]+\b", read(name)) == ["MulanPSL-2.0"] * (1 + (name == "LICENSE"))


@pytest.mark.parametrize(
    ("name", "purpose"), [("requirements.txt", "运行"), ("requirements-dev.txt", "测试")]
)
def test_licences_page_has_what_each_list_pins(name: str, purpose: str) -> None:
    rows = {row[0]: row[1] for row in table(read("docs/licences.md"), 5) if name in row[4].split("、")}
    assert rows == pinned(name), "write it anew: .venv/bin/python docs/licences.py"
    assert {row[2] for key, row in licence_rows().items() if key in rows} == {purpose}


def test_licences_page_of_pinned_packages_is_current(licences: dict[str, Any]) -> None:
    names = pinned("requirements.txt").keys() | pinned("requirements-dev.txt").keys()
    rows = {name: row[:3] for name, row in licence_rows().items() if name in names}
    installed = {row.name: [row.version, row.licence, row.purpose] for row in licences["packages"]()}
    assert rows == {name: installed[name] for name in names}


def test_licences_page_has_no_unknown_licence(licences: dict[str, Any]) -> None:
    text = read("docs/licences.md")
    cells = [row[1] for row in licence_rows().values()]
    cells += [row[2] for row in table(text, 4) if row[0] in licence_rows()]
    cells += [row[1] for row in table(text.split("## 系统软件包")[1], 4)[2:]]
    assert {part for cell in cells for part in re.split(" AND | OR ", cell)} - licences["WEIGHED"] == set()
    assert len(cells) == len(licence_rows()) + len(licences["INSIDE"]) + len(licences["SYSTEM"])


def test_licences_page_says_who_needs_each_package() -> None:
    known = {*licence_rows(), "requirements.txt", "requirements-dev.txt"}
    needed_by = {name: set(row[3].split("、")) for name, row in licence_rows().items()}
    assert {name: by for name, by in needed_by.items() if not by or by - known} == {}


def test_licences_page_has_each_package_of_setup_sh(licences: dict[str, Any]) -> None:
    groups = re.findall(r"(?:\$\(missing |\$\{needed\})([a-z][a-z0-9 .-]+)", read("deploy/setup.sh"))
    listed = {name for row in licences["SYSTEM"] for name in row[0].split("、")}
    assert listed == {*" ".join(groups).split(), "python3", "python3-venv"}


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (["License-Expression: MIT OR Apache-2.0"], "MIT OR Apache-2.0"),
        (["License-Expression: MIT", "License: something else"], "MIT"),
        (["License: BSD-3-Clause", "Classifier: License :: OSI Approved :: BSD License"], "BSD-3-Clause"),
        (["Classifier: License :: OSI Approved :: MIT License", "Classifier: Topic :: Apache 2.0"], "MIT"),
        (["License: MIT license", "Classifier: License :: OSI Approved :: MIT License"], "MIT"),
        (["Classifier: License :: OSI Approved :: BSD License"], None),
        (["License: MIT License", "Classifier: License :: OSI Approved :: Apache Software License"], None),
        (["License-Expression: MIT AND LicenseRef-Proprietary"], None),
        (["License: UNKNOWN"], None),
        ([], None),
    ],
)
def test_licence_in_metadata_is_read_or_refused(
    licences: dict[str, Any], lines: list[str], licence: str | None
) -> None:
    about = message_from_string("\n".join(["Name: invented", *lines]))
    if licence:
        assert licences["licence"](about) == licence
    else:
        with pytest.raises(LookupError, match="invented"):
            licences["licence"](about)


def test_licences_read_by_hand_belong_to_used_packages(licences: dict[str, Any]) -> None:
    assert licences["READ"].keys() - licence_rows().keys() == set()
    assert {row[0] for row in licences["INSIDE"]} - licence_rows().keys() == set()


# --- words ---------------------------------------------------------------------------------------------


def test_the_glossary_has_every_table() -> None:
    rows = [(row[0], row[1]) for row in table(read("docs/glossary.md"), 4)[2:]]
    mapped = [mapper.class_ for mapper in models.Base.registry.mappers]
    assert sorted(rows) == sorted((kind.__name__, kind.__tablename__) for kind in mapped)


@pytest.mark.parametrize("kind", ENUMS, ids=lambda kind: kind.__name__)
def test_the_glossary_has_every_state_in_the_words_of_the_pages(kind: type[Enum]) -> None:
    part = read("docs/glossary.md").split("## States and kinds")[1]
    rows, found = table(part, 3)[2:], {}
    name = ""
    for row in rows:
        name = row[0] or name
        if name == kind.__name__:
            found[row[1]] = row[2]
    assert found == {member.value: label(member).word for member in kind}


def test_the_record_page_has_every_parameter_of_the_rule_default_first() -> None:
    part = read("docs/record.md").split("### `rule`")[1].split("###")[0]
    rows = {row[0]: row[1] for row in table(part, 3)[2:]}
    rule = Rule(seats=1)
    assert list(rows) == list(Rule(seats=1, quorum_more=True, paper="keyed").to_dict())
    for name, values in CHOICES.items():
        assert sorted(rows[name].split()) == sorted(values)
        assert rows[name].split()[0] == getattr(rule, name)


@pytest.mark.parametrize(
    ("head", "lifecycle"),
    [
        ("A candidate project", PROJECT),
        ("The carrying-out", TRACKING),
        ("A matter", MATTER),
        ("A transfer", TRANSFER),
        ("A suggestion", SUGGESTION),
    ],
)
def test_the_lives_drawn_in_the_rules_page_are_those_of_the_code(head: str, lifecycle: Mapping) -> None:
    part = read("docs/rules.md").split(f"## {head}\n")[1].split("\n\n|")[0]
    drawn = {row[0]: dict(re.findall(r"(\w+) → (\w+)", row[1])) for row in table(part, 2)[2:]}
    assert drawn == {
        state.value: {act: to.value for act, to in acts.items()} for state, acts in lifecycle.items()
    }


# --- links and pictures --------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page that a link may name."""
    heads = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("document", PAGES, ids=lambda document: str(document.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8"))
    links += re.findall(r'<(?:img src|a href)="([^"]+)"', document.read_text("utf-8"))
    dead = []
    for link in links:
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_every_document_is_reached_from_the_index() -> None:
    linked = {(DOCS / link).resolve() for link in re.findall(r"\]\(([^)#\s]+)\)", read("docs/index.md"))}
    assert {page for page in PAGES if page not in linked and page.name != "index.md"} == set()


@pytest.mark.parametrize("name", READMES)
def test_the_readme_shows_pictures_that_exist(name: str) -> None:
    shown = re.findall(r'docs/screenshots/[^")\s]+', read(name))
    assert [picture for picture in shown if not (ROOT / picture).is_file()] == []
    there = len(list((DOCS / "screenshots").glob("*.png")))
    assert len(shown) >= min(there, 4), "the pictures are there: show them"


def test_files_named_in_backticks_exist() -> None:
    """`votes/…`, `static/…`, `deploy/…`, `docs/…`, `tests/…`: what a reader would open."""
    named = re.compile(r"`((?:votes|static|deploy|docs|tests|templates)/[\w./-]+)`")
    missing = [
        f"{page.name}: {name}"
        for page in PAGES
        for name in named.findall(page.read_text("utf-8"))
        if not (ROOT / name.rstrip(".")).exists()
        and not (ROOT / (name.split("::")[0].rsplit(".", 1)[0] + ".py")).exists()
    ]
    assert missing == []


def test_tests_named_in_the_rules_page_exist() -> None:
    files = [path for floor in ("rules", "services") for path in (ROOT / "tests" / floor).rglob("test_*.py")]
    known = {path.stem for path in files}
    for path in files:
        known |= set(re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.M))
    named = set(re.findall(r"\btest_\w+", read("docs/rules.md")))
    assert named - known == set()


def test_tests_named_in_the_trust_page_exist_one_in_each_line() -> None:
    known = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.M)
    }
    lines = [line for line in read("docs/trust.md").splitlines() if line.startswith("| ")][1:]
    assert [line for line in lines if not re.search(r"\btest_\w+", line)] == []
    assert set(re.findall(r"\btest_\w+", read("docs/trust.md"))) - known == set()


# --- promises ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*READMES, "docs/secrecy.md", "templates/voting/ballots/edit.html"])
def test_the_promise_stands_in_one_wording(name: str) -> None:
    assert read(name).replace("\n> ", "").count(PROMISE) == 1


def test_what_a_ballot_says_is_not_in_the_message_of_a_failing_statement(database: Database) -> None:
    """Such messages are logged, with the time (docs/secrecy.md, logs and proxies)."""
    insert = text("insert into no_such_table values (:code)")
    with pytest.raises(Exception, match="no_such_table") as caught, database.work() as session:
        session.execute(insert, {"code": "K7Q29MXD4T"})
    assert "K7Q29MXD4T" not in str(caught.value)


def test_a_message_would_say_it_otherwise(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    with pytest.raises(OperationalError, match="K7Q29MXD4T"), engine.connect() as connection:
        connection.execute(text("insert into no_such_table values (:code)"), {"code": "K7Q29MXD4T"})


@pytest.mark.parametrize("name", ["deploy/nginx.conf", "deploy/Caddyfile"])
def test_the_proxies_keep_no_access_log(name: str) -> None:
    lines = [line.strip() for line in read(name).splitlines() if not line.strip().startswith("#")]
    if name.endswith("nginx.conf"):
        assert lines.count("access_log off;") == sum(line.startswith("server {") for line in lines)
    else:
        assert [line for line in lines if line.split()[:1] == ["log"]] == []


def test_documents_name_no_host_but_examples() -> None:
    host = re.compile(r"https?://([a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+)")
    named = {(p.name, found) for p in PAGES for found in host.findall(p.read_text("utf-8"))}
    assert {pair for pair in named if "example" not in pair[1]} == set()


def test_documents_name_nobodys_home() -> None:
    assert [
        p.name for p in PAGES if re.search(r"(?<![\w.])/(?:root|home|Users)/", p.read_text("utf-8"))
    ] == []
