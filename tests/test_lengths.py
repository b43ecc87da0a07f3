"""What is overheard of an encrypted ballot: one length whatever was marked, for requests and answers."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.counting import statements
from tests.pages import Browser, Page
from tests.services.voting.test_further import rating, tracked
from tests.services.voting.test_vote import NOW, make_hall, open_, teller_actor
from votes.rules.codes import new_code
from votes.rules.voting.ballots import FOR, RATINGS, to_field
from votes.rules.voting.result import CastBallot
from votes.services.meeting import cards, openings, rounds, sessions
from votes.services.voting import ballots, tally
from votes.web.lengths import longest

PROJECTS = 6
METHODS = {
    "choose": {"seats": 4},
    "threeway": {"seats": 4},
    "confirm": {"seats": PROJECTS},
    "rating": {"seats": 1},
}


def wishes(method: str) -> dict[str, dict[int, str]]:
    """Return ballots that differ as much as they can: all for (up to the cap), all abstain, none marked, mixed."""
    numbers = range(1, PROJECTS + 1)
    if method == "rating":
        return {
            **{word: dict.fromkeys(numbers, word) for word in RATINGS},
            "none": {},
            "mixed": {1: RATINGS[0], 3: RATINGS[2]},
        }
    cap = METHODS[method]["seats"]
    ballots_ = {"all for": dict.fromkeys(numbers[:cap], FOR), "none": {}, "mixed": {2: FOR}}
    if method != "choose":
        ballots_ |= {
            "all abstain": dict.fromkeys(numbers, "abstain"),
            "mixed": {1: FOR, 2: "against", 4: "abstain"},
            "too many": dict.fromkeys(numbers, FOR) if method == "threeway" else {},
        }
    return ballots_


Ballot = dict[str, Any]


def open_ballot(world: Any, method: str, deputies: int = 6) -> Ballot:
    """Open a round of this method in a hall; return the hall."""
    if method != "rating":
        hall = make_hall(world, deputies=deputies, projects=PROJECTS, method=method, **METHODS[method])
    else:
        hall = make_hall(world, deputies=deputies)
        hall["round"] = rating(world, hall, tracked(world, PROJECTS))
        with world.work():
            openings.zero_check(
                rounds.get_round(hall["round"]), by=teller_actor(hall["deputies"][0]), now=NOW
            )
    open_(world, hall)
    with world.work():
        ballot = ballots.paper(hall["round"])
        assert ballot is not None
        return {**hall, "ballot": ballot, "length": longest(ballot.lines)}


def sent(page: Page, form: str, marks: dict[int, str], rule: Any) -> list[tuple[str, str]]:
    """Return the fields that a browser sends of a form on the page, with these items marked."""
    fields = []
    for element in page.tree.xpath(f"//form[contains(@action, '{form}')][1]//input"):
        name, value = element.get("name"), element.get("value")
        if element.get("type") == "radio":
            wished = to_field(rule, marks.get(int(name[1:]), ""))
            if value == wished:
                fields.append((name, value))
        else:
            fields.append((name, value))
    assert [name for name, _ in fields if name.startswith("m")] == [f"m{n}" for n in range(1, PROJECTS + 1)]
    return fields


def whole(page: Page) -> tuple[int, int, str | None]:
    """Return status and length of an answer, its head included, and how it is encoded."""
    head = sum(len(name) + len(value) for name, value in page.response.headers)
    return page.status, head + len(page.data), page.response.headers.get("Content-Encoding")


@pytest.mark.sqlite
@pytest.mark.parametrize("method", METHODS)
def test_requests_and_answers_have_one_length_whatever_is_marked(app: Any, world: Any, method: str) -> None:
    hall = open_ballot(world, method)
    rule, url = hall["ballot"].rule, f"/vote/{hall['round']}"
    with world.work():
        card = cards.of_deputy(sessions.get(hall["session"]), hall["deputies"][2])[0].id
    phone = Browser(app)
    phone.sign_in(f"c:{card}")
    edit = phone.get(url)
    requests, answers = set(), set()
    for marks in wishes(method).values():
        fields = sent(edit, "/review", marks, rule)
        requests.add(("review", len(urlencode(fields))))
        for more in ([], [("back", "1")]):
            page = phone.post(f"{url}/review", dict(fields + more))
            answers.add(whole(page))
            assert len(page.data) == hall["length"]
            if not more and not page.tree.xpath("//form[@id='ballot']"):  # accepted
                requests.add(("cast", len(urlencode(sent(page, "/cast", marks, rule)))))
    assert len(requests) == 2
    assert len(answers) == 1
    assert {(status, encoding) for status, _, encoding in answers} == {(200, "identity")}


@pytest.mark.sqlite
@pytest.mark.parametrize("method", METHODS)
def test_missing_items_are_accepted_with_no_statement_more(app: Any, world: Any, method: str) -> None:
    """A page that was loaded before an upgrade sends only what is marked, by bare words."""
    hall, taken, boxes = open_ballot(world, method), [], []
    word = RATINGS[0] if method == "rating" else FOR
    with world.work():
        meeting = sessions.get(hall["session"])
        ids = [cards.of_deputy(meeting, deputy)[0].id for deputy in hall["deputies"][2:4]]
    padded = {f"m{n}": to_field(hall["ballot"].rule, word if n == 2 else "") for n in range(1, PROJECTS + 1)}
    for card, marks in zip(ids, ({"m2": word}, padded), strict=True):
        phone, code = Browser(app), new_code()
        phone.sign_in(f"c:{card}")
        phone.get(f"/vote/{hall['round']}")
        with statements(world.database) as said:
            assert phone.post(f"/vote/{hall['round']}/cast", {**marks, "code": code}).status == 303
        taken.append(len(said))
        with world.work():
            boxes += [each.marks for each in box_of(hall["round"]) if each.code == code]
    assert boxes == [{2: word}, {2: word}]
    assert taken[0] == taken[1]


def box_of(round_id: int) -> list[CastBallot]:
    return tally.box(rounds.get_round(round_id))


@pytest.mark.sqlite
@pytest.mark.parametrize("method", METHODS)
def test_longest_names_and_titles_do_not_change_the_length(app: Any, world: Any, method: str) -> None:
    """The bound is of the list alone: names, texts and amounts as long as they may be, large type, colour, rehearsal."""
    hall = make_hall(
        world, deputies=4, projects=PROJECTS, **{"method": "choose", **METHODS[method], "seats": 2}
    )
    with world.work():
        round_ = rounds.get_round(hall["round"])
        round_.title, round_.colour, round_.rehearsal, round_.ordinal = "题" * 100, "green", True, 12
        round_.rule = {**round_.rule, "method": method, "overvote": "void_ballot"}
        for candidate in round_.candidates:
            candidate.name, candidate.summary, candidate.amount = '"' * 100, "&" * 400 + "内" * 400, "9" * 30
        card = cards.of_deputy(round_.session, hall["deputies"][2])[0].id
    with world.work():
        round_ = rounds.get_round(hall["round"])
        round_.state, round_.opened_at, round_.resend_key = "opened", NOW, b"k" * 32
        openings._freeze_roll(round_)
    with world.work():
        ballot = ballots.paper(hall["round"])
    phone = Browser(app)
    phone.sign_in(f"c:{card}")
    phone.client.set_cookie("elder", "1")
    for marks in wishes(method).values():
        for more in ({}, {"back": "1"}):
            fields = {f"m{n}": word for n, word in marks.items()} | {"code": new_code()}
            page = phone.post(f"/vote/{hall['round']}/review", fields | more)
            assert len(page.data) == longest(ballot.lines)
