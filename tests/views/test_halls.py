"""The pages of halls: set up, place delegations, look at the turnout; for the office and for tellers."""

import pytest
from sqlalchemy import select

from tests.pages import Browser
from tests.services.test_halls import PREPARED as PREPARED
from tests.services.test_halls import hall as hall
from tests.services.test_halls import session_of, set_up
from tests.services.test_vote import cast, open_
from votes.db import db
from votes.models import Card, Hall
from votes.services import halls


def rows(page) -> list[list[str]]:
    """The cells of the page's first table."""
    table = page.tree.xpath("//table")[0]
    return [[" ".join(cell.text_content().split()) for cell in row] for row in table.xpath(".//tr")]


def test_sets_up_halls_and_places_delegations(as_, world, hall):
    office, address = as_("office"), f"/office/sessions/{hall['session']}/halls"
    assert "还没有设立会场" in office.get(address).words
    for name in ("主会场", "分会场"):
        page = office.follow(office.post(address, {"name": name}))
        assert f"已设立会场：{name}" in page.words
    with world.work():
        rooms = [room.id for room in halls.of_session(session_of(hall))]
    places = {f"hall_{d}": at for d, at in zip(hall["delegations"], (rooms[0], rooms[1], ""), strict=True)}
    page = office.follow(office.post(f"{address}/place", places))
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
def test_refuses_names_in_words(as_, world, hall, name, message):
    set_up(world, hall, 0, 1, 1)
    page = as_("office").post(f"/office/sessions/{hall['session']}/halls", {"name": name})
    assert (page.status, page.value("name")) == (422, name)
    assert message in page.errors


def test_a_choice_that_is_not_there_is_refused_and_nobody_moves(as_, world, hall):
    rooms = set_up(world, hall, 0, 1, 1)
    sent = {f"hall_{d}": rooms[0] for d in hall["delegations"]}
    page = as_("office").post(
        f"/office/sessions/{hall['session']}/halls/place", {**sent, f"hall_{hall['delegations'][2]}": 9999}
    )
    assert page.status == 422
    with world.work():
        assert [seat.hall_id for seat in halls.seats(session_of(hall))] == [rooms[0], rooms[1], rooms[1]]


def test_during_a_vote_the_page_says_why_nothing_moves(as_, world, hall):
    set_up(world, hall, 0, 1, 1)
    open_(world, hall)
    office, address = as_("office"), f"/office/sessions/{hall['session']}/halls"
    page = office.get(address)
    assert "“示例票决”正在投票，会场安排不能变动。请在关闭票箱后再改。" in page.words
    assert page.tree.xpath("//main//form") == []
    refused = office.post(address, {"name": "又一个"})
    assert (refused.status, refused.value("name")) == (422, None)
    with world.work():
        assert len(db.session.scalars(select(Hall)).all()) == 2


def test_the_office_and_the_tellers_see_the_turnout_of_each_hall(app, as_, world, hall):
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


def test_small_halls_stand_together(as_, world, hall):
    set_up(world, hall, 0, 1, None)
    with world.work():
        from votes.services import sessions

        round = sessions.get_round(hall["round"])
        round.rule = {**round.rule, "small_body": 5}
    page = as_("office").get(f"/office/rounds/{hall['round']}/halls")
    assert rows(page)[1:] == [
        ["主会场", "5 人", "5 人", "0 人", "5 人"],
        ["分会场、未安排会场的代表团 合计", "7 人", "7 人", "0 人", "7 人"],
        ["总计", "12 人", "12 人", "0 人", "12 人"],
    ]


def test_without_halls_the_page_says_so(as_, world, hall):
    assert "本次会议没有设立分会场" in as_("office").get(f"/office/rounds/{hall['round']}/halls").words
