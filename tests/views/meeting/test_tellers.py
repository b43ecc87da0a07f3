"""The tellers' pages on a phone: zero check, turnout, signature and refusal."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from tests.pages import Browser
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, sign
from tests.signing import actor_of, key_of, posted, share_of
from tests.views.voting.test_voting import phone
from votes.db import db
from votes.exports.formats import sealed
from votes.models import Refusal, Round
from votes.services.meeting import rounds, sessions
from votes.services.people import accounts, roster_accounts
from votes.services.voting import anchors, archive_keys, documents

CHIEF, TELLER, NOBODY = 0, 1, 5


def make_counted(world):
    hall = make_hall(world)
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {1: "for", 2: "for"} if number else {1: "for"})
    close(world, hall)
    return hall


PREPARED = {"counted": make_counted, "hall": make_hall}


def page_of(hall):
    return f"/teller/rounds/{hall['round']}"


def signed_by(world, hall, number):
    return posted(world, hall["round"], hall["deputies"][number])


# --- the phone -------------------------------------------------------------------------------------------


def test_share_of_the_archives_key_is_shown_once(app, world, counted):
    for number in (CHIEF, TELLER):
        sign(world, counted, number)
    chief = phone(app, world, counted, CHIEF)
    assert "示例代表001（未领取）、示例代表002（未领取）" in chief.get(page_of(counted)).words
    with world.work():
        round_ = rounds.get_round(counted["round"])
        teller = next(t for t in round_.session.tellers if t.deputy_id == counted["deputies"][CHIEF])
        share = share_of(round_, actor_of(teller))
        given = {"signature": key_of(teller).sign(archive_keys.request(round_, share)).signature}
    assert chief.post(f"{page_of(counted)}/share").status == 422, "without the signing secret"
    page = chief.post(f"{page_of(counted)}/share", given)
    words = page.tree.xpath("//ol[@class='words']/li/text()")
    assert (page.status, len(words)) == (200, 20)
    assert page.response.headers["Cache-Control"] == "no-store"
    assert sealed.read_share(" ".join(words)) == " ".join(words)
    again = chief.post(f"{page_of(counted)}/share", given)
    assert again.status == 422
    assert "只显示一次" in again.words
    assert " ".join(words) not in again.words
    seen = chief.get(page_of(counted)).words
    assert "示例代表001（已领取）、示例代表002（未领取）" in seen
    assert phone(app, world, counted, NOBODY).post(f"{page_of(counted)}/share", given).status == 403


def test_teller_sees_only_turnout_while_the_box_is_open(app, world, hall):
    open_(world, hall)
    cast(world, hall, 3, {1: "for"})
    teller = phone(app, world, hall, TELLER)
    assert "投票进行中" in teller.get(page_of(hall)).words
    assert teller.get(f"{page_of(hall)}/turnout.json").json == {
        "state": "opened",
        "waiting": "",
        "issued": 12,
        "returned": 1,
        "papers": None,
        "reports": 0,
        "cards": 12,
        "opened": 1,
        "takeovers": 0,
        "by_self": 0,
        "by_desk": 12,
    }
    assert phone(app, world, hall, NOBODY).get(f"{page_of(hall)}/turnout.json").status == 403


def test_teller_sees_the_anchors_to_keep_from_the_opening_on(app, world, hall):
    teller = phone(app, world, hall, TELLER)
    assert "存证摘要" not in teller.get(page_of(hall)).words
    open_(world, hall)
    assert "存证摘要开启时的名册（" in teller.get(page_of(hall)).words.replace(" ", "")
    close(world, hall)
    sign(world, hall, CHIEF)
    sign(world, hall, TELLER)
    with world.work():
        known = [anchor.digest for anchor in anchors.of(rounds.get_round(hall["round"]))]
    words = teller.get(page_of(hall)).words
    assert [digest in words for digest in known] == [True, True, True]


def test_signature_leaves_a_receipt_of_what_was_signed(app, world, counted):
    teller = phone(app, world, counted, TELLER)
    assert "签字回执" not in teller.get(page_of(counted)).words
    page = teller.follow(teller.post(f"{page_of(counted)}/sign", signed_by(world, counted, TELLER)))
    with world.work():
        (signature,) = rounds.get_round(counted["round"]).signatures
        assert f"所签结果摘要{signature.result_digest} 短码" in page.words
    assert "有效 12 票" not in page.words, "the chief has not signed"


def test_refusal_is_shown_and_a_signature_may_follow(app, as_, world, counted):
    chief = phone(app, world, counted, CHIEF)
    page = chief.follow(chief.post(f"{page_of(counted)}/refuse", {"reason": "发出票数与签到不符"}))
    assert "您已于" in page.words
    assert "不予签字。核实后，仍可以签字" in page.words
    office = as_("office")
    shown = office.get(f"/office/rounds/{counted['round']}").words
    assert "总监票人示例代表001不予签字" in shown
    assert "发出票数与签到不符" in shown
    assert "示例代表001：发出票数与签到不符" in phone(app, world, counted, TELLER).get(page_of(counted)).words
    sign(world, counted, TELLER)
    chief.post(f"{page_of(counted)}/sign", signed_by(world, counted, CHIEF))
    assert "曾不予签字" in office.get(f"/office/rounds/{counted['round']}").words
    assert "有效 12 票" in chief.get(page_of(counted)).words
    with world.work():
        paper = documents.counting_sheet(rounds.get_round(counted["round"]))
        said = [block.text for block in paper.blocks if getattr(block, "text", "").startswith("总监票人")]
        (line,) = said
        assert line.startswith("总监票人示例代表001于")
        assert line.endswith("不予签字，理由：发出票数与签到不符。其后已签字。")


@pytest.mark.parametrize(
    ("reason", "words"), [("", "请写明"), ("  ", "请写明"), ("长" * 301, "不超过 300 字")]
)
def test_refusal_without_a_reason_keeps_what_was_typed(app, world, counted, reason, words):
    page = phone(app, world, counted, CHIEF).post(f"{page_of(counted)}/refuse", {"reason": reason})
    assert page.status == 422
    assert words in " ".join(page.errors)
    assert page.value("reason").strip() == reason.strip()
    with world.work():
        assert db.session.query(Refusal).count() == 0


def test_refusal_by_another_role_is_forbidden(app, as_, world, counted):
    for browser in (phone(app, world, counted, NOBODY), as_("office")):
        assert browser.post(f"{page_of(counted)}/refuse", {"reason": "不符"}).status == 403
    assert Browser(app).post(f"{page_of(counted)}/refuse", {"reason": "不符"}).status == 401
    assert as_("deputy", "other").post(f"{page_of(counted)}/refuse", {"reason": "不符"}).status == 404


def test_result_of_each_method_shows_after_the_signatures(app, world, monkeypatch):
    hall = make_hall(world, method="threeway")
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {1: "for", 2: "against"})
    close(world, hall)
    teller = phone(app, world, hall, TELLER)
    sign(world, hall, CHIEF)
    assert "赞成 12" not in teller.get(page_of(hall)).words
    sign(world, hall, TELLER)
    words = teller.get(page_of(hall)).words
    assert "示例项目01入选 赞成 12 反对 0 弃权 0" in words
    assert "示例项目02未过半数 赞成 0 反对 12 弃权 0" in words


def test_result_of_a_rating_shows_grades(app, world, monkeypatch):
    monkeypatch.setattr(rounds, "rateable_projects", rounds.listed_projects)
    hall = make_hall(world, method="rating", seats=0)
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {1: "satisfied", 2: "dissatisfied"})
    close(world, hall)
    sign(world, hall, CHIEF)
    sign(world, hall, TELLER)
    words = phone(app, world, hall, TELLER).get(page_of(hall)).words
    assert "示例项目01满意 满意 12 基本满意 0 不满意 0 无效 0" in words


def test_index_leaves_out_past_rehearsals(app, world, hall):
    with world.work():
        meeting = sessions.get(hall["session"])
        drill = rounds.create_round(
            meeting, title="上午的演练", rule=rounds.rule_of(rounds.get_round(hall["round"])), rehearsal=True,
            project_ids=[p.id for p in rounds.listed_projects(2027)], by=BY, now=NOW,
        )  # fmt: skip
        drill_id = drill.id
    teller = phone(app, world, hall, TELLER)
    assert "上午的演练（演练）" in teller.get("/teller/").words
    with world.work() as session:
        rounds.cancel_round(session.get(Round, drill_id), by=BY, now=NOW)
    assert "上午的演练" not in teller.get("/teller/").words


# --- accounts during the session -----------------------------------------------------------------------------


def test_teller_sees_accounts_that_were_reset_since_the_session_began(app, world, hall):
    teller = phone(app, world, hall, TELLER)
    assert "账号的变动" not in teller.get("/teller/").words
    for role, moment in (("leader", NOW - timedelta(hours=1)), ("government", NOW + timedelta(hours=1))):
        with world.work():
            user = accounts.own(world.actor(role))
            accounts.reset_password(user, by=world.actor("office"), now=moment)
    for page in ("/teller/", page_of(hall)):
        words = teller.get(page).words
        assert "2027年1月15日 10:00 重置密码 government.county（示例） （office.county（示例）办理）" in words
        assert "leader.county" not in words, "before the session"
    with world.work("other"):
        other = accounts.own(world.actor("leader", "other"))
        accounts.reset_password(other, by=world.actor("office", "other"), now=NOW + timedelta(hours=1))
    assert "leader.other" not in teller.get("/teller/").words, "another body's"


def test_teller_sees_the_administrators_reset_and_batches_as_one_line(app, world, hall):
    with world.work():
        root = accounts.find_by_username("root")
        accounts.reset_password(root, by=world.actor("office"), now=NOW)
        prepared = roster_accounts.prepare(roster_accounts.deputies_without_account()[:5], code="shili")
        roster_accounts.open_all(prepared, by=world.actor("office"), now=NOW)
    words = phone(app, world, hall, TELLER).get("/teller/").words
    assert "root（示例）" in words
    assert "等 5 个账号" in words
