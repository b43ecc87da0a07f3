"""The pages of halls: set up, place delegations, look at the turnout; for the office and for tellers."""

from datetime import date

import pytest
from sqlalchemy import select

from tests.factories import NOW
from tests.pages import Browser
from tests.services.meeting.test_halls import make_three, session_of, set_up
from tests.services.voting.test_paper_ballots import CLERK, OTHER, add_box, hand_out, key, resume
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, sign
from tests.test_secrecy import readable
from votes.db import db
from votes.models import Card, Delegation, Deputy, Hall
from votes.rules.errors import RuleBroken
from votes.services.delivery import announcements
from votes.services.meeting import cards, halls, rounds, sessions
from votes.services.voting import ballot_boxes, box_contents, proof, tally

PREPARED = {"hall": make_three}


def rows(page) -> list[list[str]]:
    """Return the cells of the page's first table."""
    table = page.tree.xpath("//table")[0]
    return [[" ".join(cell.text_content().split()) for cell in row] for row in table.xpath(".//tr")]


def test_index_sets_up_halls_and_places_delegations(as_, world, hall):
    office, url = as_("office"), f"/office/sessions/{hall['session']}/halls"
    assert "还没有设立会场" in office.get(url).words
    for name in ("主会场", "分会场"):
        page = office.follow(office.post(url, {"name": name}))
        assert f"已设立会场：{name}" in page.words
    with world.work():
        rooms = [room.id for room in halls.of_session(session_of(hall))]
    places = {f"hall_{d}": at for d, at in zip(hall["delegations"], (rooms[0], rooms[1], ""), strict=True)}
    page = office.follow(office.post(f"{url}/place", places))
    assert "代表团的会场已保存" in page.words
    assert rows(page)[1:] == [
        ["主会场", "1 个", "5 人", rows(page)[1][3]],
        ["分会场", "1 个", "4 人", rows(page)[2][3]],
    ]
    assert page.value(f"hall_{hall['delegations'][1]}") == str(rooms[1])
    page = office.follow(office.post(f"/office/halls/{rooms[1]}", {"name": "大礼堂"}))
    assert "大礼堂" in page.words
    page = office.follow(office.post(f"/office/halls/{rooms[1]}/remove"))
    assert "大礼堂" not in page.words.replace("已撤销会场：大礼堂", "")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "请填写会场名称"),
        ("主会场", "已有名为“主会场”的会场，请换一个名称。"),
        ("会" * 61, "会场名称不超过 60 个字"),
    ],
)
def test_hall_with_a_wrong_name_is_refused_in_words(as_, world, hall, name, message):
    set_up(world, hall, 0, 1, 1)
    page = as_("office").post(f"/office/sessions/{hall['session']}/halls", {"name": name})
    assert (page.status, page.value("name")) == (422, name)
    assert message in page.errors


def test_place_with_an_unknown_hall_moves_nobody(as_, world, hall):
    rooms = set_up(world, hall, 0, 1, 1)
    sent = {f"hall_{d}": rooms[0] for d in hall["delegations"]}
    page = as_("office").post(
        f"/office/sessions/{hall['session']}/halls/place", {**sent, f"hall_{hall['delegations'][2]}": 9999}
    )
    assert page.status == 422
    with world.work():
        assert [seat.hall_id for seat in halls.placements(session_of(hall))] == [rooms[0], rooms[1], rooms[1]]


def test_index_during_a_vote_says_why_nothing_moves(as_, world, hall):
    set_up(world, hall, 0, 1, 1)
    open_(world, hall)
    office, url = as_("office"), f"/office/sessions/{hall['session']}/halls"
    page = office.get(url)
    assert "“示例票决”正在投票，会场安排不能变动。请在关闭票箱后再改。" in page.words
    assert page.tree.xpath("//main//form") == []
    refused = office.post(url, {"name": "又一个"})
    assert (refused.status, refused.value("name")) == (422, None)
    with world.work():
        assert len(db.session.scalars(select(Hall)).all()) == 2


def test_turnout_of_each_hall_is_seen_by_office_and_tellers(app, as_, world, hall):
    set_up(world, hall, 0, 1, 1)
    open_(world, hall)
    for number in (0, 5, 6, 9):
        cast(world, hall, number, {1: "for"})
    office = as_("office")
    assert f"/office/rounds/{hall['round']}/halls" in office.get(f"/office/rounds/{hall['round']}").links()
    page = office.get(f"/office/rounds/{hall['round']}/halls")
    assert rows(page)[1:] == [
        ["主会场", "5 人", "5 人", "1 人", "4 人"],
        ["分会场", "7 人", "7 人", "3 人", "4 人"],
        ["总计", "12 人", "12 人", "4 人", "8 人"],
    ]
    with world.work():
        card = db.session.scalar(select(Card.id).where(Card.deputy_id == hall["deputies"][1]))
    teller = Browser(app)
    teller.sign_in(f"c:{card}")
    assert f"/teller/rounds/{hall['round']}/halls" in teller.get(f"/teller/rounds/{hall['round']}").links()
    page = teller.get(f"/teller/rounds/{hall['round']}/halls")
    assert rows(page)[1:] == [["主会场", "5", "5", "1"], ["分会场", "7", "7", "3"], ["总计", "12", "12", "4"]]


def test_turnout_shows_small_halls_together(as_, world, hall):
    set_up(world, hall, 0, 1, None)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        round_.rule = {**round_.rule, "small_body": 5}
    page = as_("office").get(f"/office/rounds/{hall['round']}/halls")
    assert rows(page)[1:] == [
        ["主会场", "5 人", "5 人", "0 人", "5 人"],
        ["分会场、未安排会场的代表团 合计", "7 人", "7 人", "0 人", "7 人"],
        ["总计", "12 人", "12 人", "0 人", "12 人"],
    ]


def test_turnout_without_halls_says_so(as_, world, hall):
    assert "本次会议没有设立分会场" in as_("office").get(f"/office/rounds/{hall['round']}/halls").words


# --- a vote in three halls -----------------------------------------------------------------------------

SMALL = "偏远示例会场"
ROOMS = {
    "主会场": (0, 10),
    "第二会场": (10, 17),
    SMALL: (17, 20),
}  # of twenty deputies; fewer than six are few
PAPERS = {4, 5, 6, 7, 11, 12, 13, 17}  # who votes on paper: in all three halls
WHOLE = ["1 2 3"] * 4 + ["1 2"] * 3 + ["4"]  # what the papers say


def make_three_halls(world):
    made = make_hall(
        world, deputies=20, small_body=6, paper="keyed", publish="names+votes", disclosure="ballots"
    )
    with world.work():
        session = sessions.get(made["session"])
        wanted = {}
        for place, (name, (first, last)) in enumerate(ROOMS.items(), 1):
            group = Delegation(name=f"示例第{place}组", position=place)
            db.session.add(group)
            db.session.flush()
            for deputy_id in made["deputies"][first:last]:
                db.session.get(Deputy, deputy_id).delegation_id = group.id
            wanted[group.id] = halls.add(session, name, by=BY, now=NOW).id
        halls.place(session, wanted, by=BY, now=NOW)
    return made


def shown_by_hall(page):
    return {row[0]: row[1:] for row in rows(page)[1:]}


@pytest.mark.sqlite
def test_vote_in_three_halls_never_shows_a_small_hall_alone(app, as_, world):
    """Phones and papers in each hall; the count joins all. Every page, screen, document and export is read."""
    hall = make_three_halls(world)
    office, base = as_("office"), f"/office/rounds/{hall['round']}"
    open_(world, hall)
    for number in set(range(20)) - PAPERS - {19}:  # the last, of the small hall, does not vote
        cast(world, hall, number, {1: "for", 2: "for", 5: "for"} if number % 2 else {1: "for"})
    for number in PAPERS:
        hand_out(world, hall, number)
    with world.work():
        chief = Browser(app)
        chief.sign_in(f"c:{cards.of_deputy(sessions.get(hall['session']), hall['deputies'][0])[0].id}")
        session = sessions.get(hall["session"])
        screen, public_id = f"/screen/{session.screen_key}", rounds.get_round(hall["round"]).public_id
    people = {"office": office, "chief": chief, "citizen": as_()}
    teller, public = f"/teller/rounds/{hall['round']}", f"/p/shili/rounds/{public_id}"
    always = [
        *(("office", f"{base}{part}") for part in ("", "/turnout.json", "/paper")),
        *(("office", f"/office/sessions/{hall['session']}{part}") for part in ("", "/desk")),
        *(("chief", url) for url in (teller, "/hall/")),
        *(("citizen", url) for url in (screen, f"{screen}/state.json")),
    ]
    signed = [
        *(("office", f"{base}{part}") for part in ("/proof", "/papers", "/results.xlsx", "/record.json")),
        *(
            ("office", f"{base}/papers/{name}.docx")
            for name in ("attendance", "sheet", "report", "announcement", "slips")
        ),
        *(("citizen", f"{public}{part}") for part in ("/", "/record.json")),
        *(("citizen", f"/p/shili/{part}") for part in ("results/", "data/results.json")),
    ]

    def read(urls):
        found = {}
        for who, url in urls:
            page = people[who].follow(people[who].get(url))
            found[url] = (page.status, readable(page.data))
        return found

    def check(urls):
        for page, width in ((office.get(f"{base}/halls"), 4), (chief.get(f"{teller}/halls"), 3)):
            digits = [[cell.removesuffix(" 人") for cell in row] for row in shown_by_hall(page).values()]
            assert digits == [
                row[:width]
                for row in (
                    ["10", "10", "10", "0"],
                    ["10", "10", "9", "1"],  # the other two together
                    ["20", "20", "19", "1"],
                )
            ]
            assert page.words.count(SMALL) == 1, "in the row of two halls together"
        for url, (status, words) in read(urls).items():
            assert status == 200, url
            assert [name for name in ROOMS if name in words] == [], url

    check(always)
    close(world, hall)
    with pytest.raises(RuleBroken, match="本箱不足 6 张，为保守投票秘密，请并入其他票箱后清点"):
        add_box(world, hall, 7, "大会票箱")  # the papers of the two large halls …
        add_box(world, hall, 1)  # … and the one of the small hall by itself
    with world.work():
        (box,) = box_contents.of_round(rounds.get_round(hall["round"]))
        ballot_boxes.set_papers(box, 8, by=BY, now=NOW)
    for clerk in (CLERK, OTHER):
        key(world, box.id, clerk, *WHOLE)
    resume(world, hall)
    sign(world, hall, 0)
    sign(world, hall, 1)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        result = tally.result_of(round_)
        assert [row.for_ for row in result.counts] == [11 + 7, 4 + 7, 4, 1, 4], (
            "phones and papers of all halls"
        )
        assert (round_.returned, result.valid) == (19, 19)
        assert [f.what for f in proof.verify(round_).wrong] == []
        announcements.announce(round_, number=1, announced_on=date(2027, 1, 15), by=BY, now=NOW)
    check(always + signed)
