"""The receipt: type the code, in the box or not. Nothing else is said, and nothing is kept of who asked."""

from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from tests.pages import Browser
from tests.services.voting.test_vote import cast, close, make_hall, open_
from votes.db import db
from votes.models import AuditEntry, Round
from votes.rules.codes import grouped

CODE, OTHER = "LQ7Q2MXD4T", "LQ7Q2MXD5T"


@dataclass
class Asked:
    browser: Browser
    hall: dict
    url: str

    def ask(self, typed: str):
        return self.browser.post(self.url, {"code": typed})


def make_opened(world, **rule) -> dict:
    hall = make_hall(world, **rule)
    open_(world, hall)
    cast(world, hall, 3, {1: "for", 2: "for"}, CODE)
    with world.work():
        public_id = db.session.scalar(select(Round.public_id).where(Round.id == hall["round"]))
    return {**hall, "public_id": public_id}


def make_asked(world, app, **rule) -> Asked:
    return asked_in(app, make_opened(world, **rule))


def asked_in(app, hall) -> Asked:
    return Asked(Browser(app), hall, f"/p/shili/rounds/{hall['public_id']}/receipt")


PREPARED = {"asked": make_opened}


@pytest.fixture
def asked(app, prepared):
    return asked_in(app, prepared["asked"])


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (CODE, "在票箱内"),
        (grouped(CODE), "在票箱内"),
        (f"  {CODE.lower()} ", "在票箱内"),
        ("lq7q-2mxd-4t", "在票箱内"),
        ("ＬＱ７Ｑ２ＭＸＤ４Ｔ", "在票箱内"),
        ("1Q7Q2MXD4T", "在票箱内"),  # 1 for L
        ("L07O2MX04T", "在票箱内"),  # 0 and O for Q, 0 for D
        (OTHER, "不在票箱内"),
        ("0000QMXD4T", "不在票箱内"),
    ],
)
def test_the_code_is_in_the_box_or_it_is_not(world, asked, typed, answer):
    close(world, asked.hall)
    page = asked.ask(typed)
    assert page.status == 200
    assert page.tree.xpath("string(//*[@role='status']/p[@class='big'])") == answer


@pytest.mark.parametrize("typed", ["", "LQ7Q", CODE + "A", "您好", "*" * 10, "0" * 10, "x" * 5000])
def test_what_can_be_no_code_is_said_so_and_stays_in_the_field(world, asked, typed):
    close(world, asked.hall)
    page = asked.ask(typed)
    assert (page.status, page.errors[0][:12]) == (422, "回执码是 10 位字母和")
    assert page.value("code") == typed[:40]


def test_before_the_close_nothing_is_answered(asked):
    assert "票箱关闭后，请再到本页核对" in asked.browser.get(asked.url).words
    page = asked.ask(CODE)
    assert page.status == 409
    assert "在票箱内" not in page.words.replace("在不在票箱内", "")


def test_where_the_rule_publishes_no_codes_nothing_is_answered(world, app):
    asked = make_asked(world, app, disclosure="none")
    close(world, asked.hall)
    page = asked.ask(CODE)
    assert page.status == 409
    assert "不公布回执码" in page.words


def test_nothing_of_the_ballot_is_said_and_nothing_is_kept(world, asked):
    close(world, asked.hall)
    with world.work():
        before = db.session.scalar(select(func.count()).select_from(AuditEntry))
    for typed in (CODE, OTHER, "nonsense"):
        page = asked.ask(typed)
        assert "示例项目" not in page.words
        assert "赞成" not in page.words
        assert CODE not in page.text
    with world.work():
        assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_another_body_and_an_unknown_round_are_not_there(world, asked):
    close(world, asked.hall)
    assert asked.browser.post(asked.url.replace("shili", "linxian"), {"code": CODE}).status == 404
    assert asked.browser.get("/p/shili/rounds/unknown/receipt").status == 404
    assert asked.browser.get("/receipt").location == "/p/shili/receipt"


def test_the_list_leads_to_announced_rounds_only(year):
    page = year.browser("public").get("/p/shili/receipt")
    ids = year.ids["county"]
    assert [link for link in page.links() if "/rounds/" in link] == [
        f"/p/shili/rounds/{ids['public_id']}/receipt"
    ]
    assert (
        f"/p/shili/rounds/{ids['public_id']}/receipt"
        in year.browser("public").get(f"/p/shili/rounds/{ids['public_id']}/").links()
    )
