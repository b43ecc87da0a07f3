"""Beyond what the rule discloses, nobody reads a ballot with its marks: no page, no export, no command.

Every ballot is marked in its own way, so that its marks are recognised wherever they are written down. All that a round
offers to anybody, before and after the announcement, is read and searched; the sealed archive, once it is open, shows
that the search would find them.
"""

import random
import re
from itertools import product

import pytest
from werkzeug.routing import AnyConverter, Rule as Address

from tests.factories import NOW
from tests.pages import Browser
from tests.services.voting.test_archive import unzip
from tests.services.voting.test_paper_ballots import CLERK, OTHER, add_box, decide, hand_out, key, resume
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, sign
from tests.test_secrecy import readable
from tests.world import pages
from votes.cli import count, verify_chain
from votes.services.delivery import announcements
from votes.services.meeting import cards, rounds
from votes.services.voting import archive, documents, tally

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("undrawn")]

PROJECTS, SEATS, DEPUTIES, PAPERS = 14, 7, 12, 4


def make_counted(world, disclosure):
    """Make a round of phones and papers, signed, in which no two ballots are marked alike."""
    hall = make_hall(
        world, deputies=DEPUTIES, projects=PROJECTS, seats=SEATS, disclosure=disclosure, publish="names+votes",
        paper="keyed", majority="none",
    )  # fmt: skip
    choices = random.Random(2)  # no tie
    marked = [sorted(choices.sample(range(1, PROJECTS + 1), SEATS)) for _ in range(DEPUTIES)]
    open_(world, hall)
    for number in range(DEPUTIES - PAPERS, DEPUTIES):
        hand_out(world, hall, number)
    for number in range(DEPUTIES - PAPERS):
        cast(world, hall, number, dict.fromkeys(marked[number], "for"))
    close(world, hall)
    hall["box"] = add_box(world, hall, PAPERS)
    lines = [" ".join(map(str, numbers)) for numbers in marked[-PAPERS:]]
    key(world, hall["box"], CLERK, *lines)
    key(world, hall["box"], OTHER, *lines[:-1], "0")  # the last is in doubt
    decide(world, hall, hall["box"], PAPERS, "first")
    resume(world, hall)
    sign(world, hall, 0)
    sign(world, hall, 1)
    hall["marked"] = marked
    return hall


def holds_marks(text, marked):
    """Return the ballots whose marks stand in the text: as numbers in a row (JSON sorts them as text), or as signs."""
    said = " ".join(["", *re.findall(r"[0-9]+|○", re.sub(r"<[^>]*>", " ", text)), ""])
    found = []
    for numbers in marked:
        signs = [f"{n} ○" if n in numbers else str(n) for n in range(1, PROJECTS + 1)]
        if any(f" {' '.join(map(str, row))} " in said for row in (numbers, sorted(map(str, numbers)), signs)):
            found.append(numbers)
    return found


def values_of(world, hall):
    """Return the values of the arguments of the addresses that are about the round."""
    with world.work():
        round_ = rounds.get_round(hall["round"])
        return {
            "round_id": [hall["round"]],
            "session_id": [hall["session"]],
            "box_id": [hall["box"]],
            "public_id": [round_.public_id],
            "key": [round_.session.screen_key],
            "body": ["shili"],
        }


def addresses(app, values):
    """Return every address of a page or file that these values and the words in its rule fill: of the round, and others.

    A PDF says what the Word file of the same name says.
    """
    of_round, others = [], []
    for rule in pages(app, "GET"):
        options = {name: values.get(name) or words(rule, name) for name in rule.arguments}
        for chosen in product(*options.values()):
            made = app.url_map.bind("localhost").build(rule.endpoint, dict(zip(options, chosen, strict=True)))
            if not made.endswith(".pdf"):
                (of_round if rule.arguments - {"body"} else others).append(made)
    return of_round, others


def words(rule: Address, name: str) -> list[str]:
    converter = rule._converters[name]
    return sorted(converter.items) if isinstance(converter, AnyConverter) else []


def people(app, world, hall):
    """Return a browser of each person who may look, the tellers and a deputy by their cards."""
    with world.work():
        ids = [
            cards.of_deputy(rounds.get_round(hall["round"]).session, d)[0].id for d in hall["deputies"][:6]
        ]
    keys = {name: world.user_key(name) for name in ("office", "leader", "government", "sysadmin")}
    keys |= {"chief": f"c:{ids[0]}", "teller": f"c:{ids[1]}", "deputy": f"c:{ids[5]}", "public": None}
    browsers = {name: Browser(app) for name in keys}
    for name, signed_in in keys.items():
        if signed_in:
            browsers[name].sign_in(signed_in)
    return browsers


def shown(app, world, hall, only=()):
    """Return (who, address) of every answer that holds marks, and how many answers were read.

    ``only``: these people; all pages that are not about the round are read as the office and as the public see them.
    """
    found, read = [], 0
    of_round, others = addresses(app, values_of(world, hall))
    for who, browser in people(app, world, hall).items():
        if only and who not in only:
            continue
        for address in [*of_round, *(others if who in ("office", "public") and not only else [])]:
            page = browser.get(address)
            assert page.status < 500, address
            read += page.status == 200
            if holds_marks(readable(page.data), hall["marked"]):
                found.append((who, address))
        whole = browser.post(f"/office/rounds/{hall['round']}/papers", {"whole": "1"})
        if whole.status == 200:
            found += [
                (who, name)
                for name, text in parts_of(whole.data).items()
                if holds_marks(text, hall["marked"])
            ]
    return found, read


def parts_of(data):
    """Return the text of each file in a zip, also of the Word files."""
    return {name: readable(content) for name, content in unzip(data).items()}


@pytest.mark.parametrize(("disclosure", "only"), [("codes", ()), ("none", ("office", "chief", "public"))])
def test_nobody_reads_marks_that_the_rule_does_not_disclose(app, world, disclosure, only):
    hall = make_counted(world, disclosure)
    found, read = shown(app, world, hall, only)
    assert (found, read > 60) == ([], True)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        announcements.announce(round_, number=1, announced_on=NOW.date(), by=BY, now=NOW)
    assert shown(app, world, hall, ("office", "chief", "public"))[0] == []


def test_search_finds_the_marks_in_the_opened_archive(world):
    hall = make_counted(world, "codes")
    with world.work():
        files = parts_of(archive.contents(rounds.get_round(hall["round"])))
    found = {name: len(holds_marks(text, hall["marked"])) for name, text in files.items()}
    assert found["票决记录-完整.json"] == DEPUTIES
    assert found["文书/选票清单.docx"] == DEPUTIES
    assert found["纸质票.json"] == PAPERS
    assert found["票决记录-公布.json"] == 0


def test_rule_that_discloses_ballots_shows_them_in_record_and_list(app, world):
    hall = make_counted(world, "ballots")
    found = shown(app, world, hall, ("office", "chief", "public"))[0]
    assert {address.rpartition("/")[2] for _, address in found} == {
        "record.json", "slips.docx", "10-选票清单.docx", "12-票决记录.json",
    }  # fmt: skip


def test_no_command_prints_marks(world, tmp_path):
    hall = make_counted(world, "codes")
    path = tmp_path / "record.json"
    with world.work():
        round_ = rounds.get_round(hall["round"])
        path.write_bytes(documents.record_bytes(round_))
        assert len(tally.box(round_)) == DEPUTIES
    runner = world.app.test_cli_runner()
    for command, arguments in ((verify_chain, ["all", "--json"]), (verify_chain, []), (count, [str(path)])):
        assert holds_marks(runner.invoke(command, arguments).output, hall["marked"]) == []
