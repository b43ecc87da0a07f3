"""The pages of paper beside phones: register, stacks, boxes, keying, deciding."""

from functools import partial

import pytest

from tests.factories import NOW, make_user
from tests.services.voting.test_ballot_boxes import make_closed
from tests.services.voting.test_paper_ballots import (
    CLERK,
    OTHER,
    add_box,
    hand_out,
    key,
    resume,
    round_of,
    sign_both,
)
from tests.services.voting.test_vote import cast, close, make_hall, open_
from votes import clock
from votes.db import db
from votes.models import AuditEntry, CongressSession, Consent, Keyer
from votes.rules.people.accounts import AccountChangeKind
from votes.rules.people.roles import KeyerRole, Role
from votes.services.meeting import cards, sessions
from votes.services.people import accounts
from votes.services.voting import paper_ballots


def make_read(world):
    return make_closed(world, make_hall(world, paper="keyed"), phones=7, papers=2)


PREPARED = {"closed": make_read, "hall": partial(make_hall, paper="keyed")}


def card_of(world, as_, hall, number):
    with world.work():
        card = cards.of_deputy(sessions.get(hall["session"]), hall["deputies"][number])[0].id
    browser = as_()
    browser.sign_in(f"c:{card}")
    return browser


def second_clerk(world, as_, name="clerk2"):
    with world.work():
        user = make_user(name, Role.OFFICE, body_id=world.county)
        user_id, meeting = user.id, db.session.query(CongressSession).one()
        named = {"role": KeyerRole.CLERK, "named_by": "人大办", "named_at": NOW}
        db.session.add(Keyer(session_id=meeting.id, user_id=user_id, **named))
    browser = as_()
    browser.sign_in(f"u:{user_id}:0")
    return browser


def test_the_office_hands_out_and_the_phone_says_so(world, as_, hall):
    open_(world, hall)
    office, url = as_("office"), f"/office/rounds/{hall['round']}/paper"
    page = office.post(f"{url}/{hall['deputies'][3]}/out", {"q": "004"})
    assert (page.status, page.location) == (303, f"{url}?q=004")
    page = office.get(f"{url}?q=004")
    assert "已领纸质票" in page.words
    assert "示例代表005" not in page.words
    phone = card_of(world, as_, hall, 3)
    for path in (f"/vote/{hall['round']}", f"/vote/{hall['round']}/received"):
        page = phone.follow(phone.get(path)) if phone.get(path).status in (302, 303) else phone.get(path)
        assert "您已领取纸质票，请用纸质票投票" in page.words
        assert "已收到" not in page.words
    assert "已在票箱内" not in phone.get("/hall").words
    page = phone.post(f"/vote/{hall['round']}/cast", {"code": "ABCDEFGHJK", "m1": "for"})
    assert (page.status, "请用纸质票投票" in page.words) == (409, True)
    page = office.post(f"{url}/{hall['deputies'][3]}/back", {})
    assert page.status == 303
    assert "核对选票" in phone.get(f"/vote/{hall['round']}").words


def test_who_voted_by_phone_cannot_take_paper(world, as_, hall):
    open_(world, hall)
    cast(world, hall, 3, {1: "for"})
    page = as_("office").post(f"/office/rounds/{hall['round']}/paper/{hall['deputies'][3]}/out", {})
    assert (page.status, "已用手机投票，不能再发纸质票" in page.words) == (409, True)


def test_after_the_close_the_register_lists_paper_only(world, as_, closed):
    page = as_("office").get(f"/office/rounds/{closed['round']}/paper")
    assert "示例代表008" in page.words
    assert "示例代表003" not in page.words
    teller = card_of(world, as_, closed, 1).get(f"/office/rounds/{closed['round']}/paper")
    assert teller.status == 200
    assert "示例代表008" not in teller.words, "names are for the desk"


@pytest.mark.parametrize("size", ["a4", "a5"])
def test_a_stack_is_registered_and_printed(world, as_, hall, size):
    office, url = as_("office"), f"/office/rounds/{hall['round']}/paper"
    assert office.post(f"{url}/stacks", {"sheets": "3"}).status == 303
    with world.work():
        stack = paper_ballots.stacks(round_of(hall))[0].id
    page = office.get(f"/office/paper/stacks/{stack}/{size}.pdf")
    assert page.data[:5] == b"%PDF-"


@pytest.mark.parametrize(
    ("data", "words"),
    [({"sheets": "0"}, "每叠 1 至 500 张"), ({"sheets": "x"}, ""), ({}, "请填写张数")],
)
def test_a_stack_that_cannot_be_is_refused_beside_what_was_typed(world, as_, hall, data, words):
    page = as_("office").post(f"/office/rounds/{hall['round']}/paper/stacks", data)
    assert page.status == 422
    assert words in page.words
    assert page.value("sheets") == data.get("sheets", "")


def test_papers_are_keyed_without_script_and_with_it(world, as_, closed):
    office, box = as_("office"), closed["box"]
    url = f"/office/paper/boxes/{box}/key"
    assert "第 1 张" in office.get(url).words
    page = office.post(url, {"position": "1", "typed": "1 9"})
    assert (page.status, page.value("typed"), page.errors) == (422, "1 9", ["票上没有第 9 项，请核对。"])
    assert refused(world) == [UNSAID]
    assert office.post(url, {"position": "1", "typed": "1 2"}).status == 303
    page = office.post(url, {"position": "2", "typed": "/1"}, headers={"Accept": "application/json"})
    assert page.json == {
        "done": 2, "papers": 2, "reading": 1, "last": [[2, "废票：无法辨认"], [1, "选 1、2（2 项）"]],
    }  # fmt: skip
    page = office.post(url, {"position": "3", "typed": "1"}, headers={"Accept": "application/json"})
    assert (page.status, "已经全部录入" in page.json["error"]) == (409, True) or page.status == 422
    assert office.post(f"/office/paper/boxes/{box}/undo", {}).status == 303
    assert "第 2 张" in office.get(url).words


def test_the_second_keyer_sees_nothing_of_the_first(world, as_, closed):
    key(world, closed["box"], CLERK, "1 2", "/1")
    page = second_clerk(world, as_).get(f"/office/paper/boxes/{closed['box']}/key")
    assert "第二遍" in page.words
    assert "废票：无法辨认" not in page.tree.xpath("string(//ol[@id='last'])")
    assert "还没有录入" in page.words


def test_keyer_reads_the_paper_in_hand_and_never_a_sum(world, as_, closed):
    key(world, closed["box"], CLERK, "1 2", "1 3")
    clerk, url = second_clerk(world, as_), f"/office/paper/boxes/{closed['box']}/key"
    clerk.post(url, {"position": "1", "typed": "1 2"})
    for page in (clerk.get(url), clerk.get(f"/office/rounds/{closed['round']}/paper")):
        assert "赞成" not in page.words.partition("怎样输入")[0]
        assert "得票" not in page.words


def test_fresh_account_asks_two_tellers_on_the_page(world, as_, closed, no_demo):
    office = as_("office")
    with world.work():
        user = accounts.own(world.actor("office"))
        accounts.note_change([user], AccountChangeKind.ROLES, by=world.actor("leader"), now=clock.now())
    url = f"/office/paper/boxes/{closed['box']}"
    page = office.get(f"{url}/key")
    assert "24 小时内新设立或重置的，须经两名监票人在手机上同意" in page.words
    assert "等待监票人在手机上同意" in office.follow(office.post(f"{url}/consent")).words
    assert office.post(f"{url}/key", {"position": "1", "typed": "1 2"}).status == 422
    teller = card_of(world, as_, closed, 1)
    assert "录入纸质票 office.county（示例）" in teller.get(f"/teller/rounds/{closed['round']}").words
    for number in (0, 1):
        with world.work():
            asked = db.session.query(Consent).one().id
        assert card_of(world, as_, closed, number).post(f"/teller/consents/{asked}/agree").status == 303
    assert "第一遍" in office.get(f"{url}/key").words


def test_the_chief_decides_on_the_phone_and_the_office_counts(world, as_, closed):
    key(world, closed["box"], CLERK, "1 2", "1")
    key(world, closed["box"], OTHER, "1 3", "1")
    chief, office = card_of(world, as_, closed, 0), as_("office")
    page = chief.get(f"/teller/rounds/{closed['round']}/paper")
    assert "不一致：第 2、3 项" in page.words
    url = f"/teller/paper/boxes/{closed['box']}/1"
    page = chief.post(url, {"choice": "other", "typed": "1 2 99"})
    assert (page.status, page.value("typed")) == (422, "1 2 99")
    assert refused(world) == [UNSAID]
    assert "请选择采用哪一种认定" in chief.post(url, {}).words or chief.post(url, {}).status == 422
    page = office.post(f"/office/rounds/{closed['round']}/count", {})
    assert (page.status, "还有 1 张纸质票" in page.words) == (409, True)
    assert chief.post(url, {"choice": "second"}).status == 303
    assert "没有待核定的票" in chief.get(f"/teller/rounds/{closed['round']}/paper").words
    assert "可以计票" in office.get(f"/office/rounds/{closed['round']}/paper").words
    assert office.post(f"/office/rounds/{closed['round']}/count", {}).status == 303
    assert "等待签字" in office.get(f"/office/rounds/{closed['round']}").words


def test_the_count_button_names_the_papers_that_are_in_no_box(world, as_, hall):
    hall = make_closed(world, hall, phones=7, papers=3, boxed=1)
    key(world, hall["box"], CLERK, "1")
    key(world, hall["box"], OTHER, "1")
    office, url = as_("office"), f"/office/rounds/{hall['round']}"
    page = office.get(f"{url}/paper")
    assert "发出 3 张，收回 1 张，有 2 张没有收回" in page.words
    assert page.tree.xpath("//input[@type='checkbox' and @name='missing' and @required]/@value") == ["2"]
    for given in ({}, {"missing": "1"}, {"missing": "²"}):
        page = office.post(f"{url}/count", given)
        assert (page.status, "有 2 张没有收回" in page.words) == (409, True)
    assert office.post(f"{url}/count", {"missing": "2"}).status == 303
    assert "等待签字" in office.get(url).words


def test_a_box_is_read_again_for_a_reason(world, as_, closed):
    key(world, closed["box"], CLERK, "1 2", "1")
    office, url = as_("office"), f"/office/paper/boxes/{closed['box']}/reopen"
    assert office.post(url, {"which": "both", "reason": ""}).status == 422
    assert office.post(url, {"which": "both", "reason": "掉在地上"}).status == 303
    assert "重录 1 次" in office.get(f"/office/rounds/{closed['round']}/paper").words


def test_sums_counted_by_hand_are_entered_and_confirmed_by_another(world, as_):
    hall = make_closed(world, make_hall(world, paper="totals"), phones=7, papers=5)
    office, url = as_("office"), f"/office/paper/boxes/{hall['box']}/totals"
    given = {"valid": "4", "invalid": "2", **{f"n{n}-for": str(5 - n) for n in range(1, 6)}}
    page = office.post(url, given)
    assert page.status == 422
    assert "收回 5 张，不等于有效 4 张与无效 2 张之和 6 张" in page.words
    assert page.value("n1-for") == "4"
    assert refused(world) == [UNSAID]
    assert office.post(url, {**given, "invalid": "1"}).status == 303
    confirm = f"/office/paper/boxes/{hall['box']}/confirm"
    other = second_clerk(world, as_)
    page = other.get(url)
    assert "请与计票单逐项核对" in page.words
    seen = {"seen": page.value("seen")}
    assert "须由另一人核对确认" in office.post(confirm, seen).words
    page = other.post(confirm, {})
    assert (page.status, "有改动，请与计票单重新核对" in page.words) == (409, True)
    assert other.post(confirm, seen).status == 303
    assert "可以计票" in office.get(f"/office/rounds/{hall['round']}/paper").words
    assert [each.get(url).value("n1-for") for each in (office, other)] == ["4", "4"]
    third = second_clerk(world, as_, "clerk3")
    for page in (third.get(url), third.post(url, {**given, "valid": ""})):
        assert "合计只供录入人和核对人查看" in page.words
        assert not page.tree.xpath("//input[@name='n1-for' or @name='valid']")


#: What the log has of a refused entry: whoever reads it would have figures before the signatures.
UNSAID = "录入的内容有误，已退回更正（签字前不记录票上的内容和票数）"


def refused(world):
    with world.work():
        return [entry.message for entry in db.session.query(AuditEntry).filter_by(outcome="refused")]


def test_another_bodys_box_is_not_there(world, as_, closed):
    for url in (
        f"/office/paper/boxes/{closed['box']}/key",
        f"/office/rounds/{closed['round']}/paper",
    ):
        assert as_("office", "other").get(url).status == 404
    assert as_("government").get(f"/office/rounds/{closed['round']}/paper").status == 403


def test_split_figures_stand_on_the_certificate_and_nowhere_public(world, as_, closed):
    key(world, closed["box"], CLERK, "1 2", "/1")
    key(world, closed["box"], OTHER, "1 2", "/1")
    resume(world, closed)
    office, url = as_("office"), f"/office/rounds/{closed['round']}"
    assert "手机票、纸质票分列" not in office.get(url).words
    sign_both(world, closed)
    assert "手机票、纸质票分列" in office.get(url).words
    with world.work():
        record = round_of(closed).record
        assert set(record["result"]["counts"][0]) == {"no", "outcome"}
        assert record["turnout"]["paper_issued"] == 2


def test_few_papers_do_not_stand_apart_on_the_page(world, as_):
    hall = make_closed(world, make_hall(world, paper="keyed", small_body=6), phones=7, papers=1)
    key(world, hall["box"], CLERK, "1 2")
    key(world, hall["box"], OTHER, "1 2")
    resume(world, hall)
    sign_both(world, hall)
    page = as_("office").get(f"/office/rounds/{hall['round']}")
    assert page.status == 200
    assert "其中一种票不足 6 张，为保守投票秘密，不分列各项目得票。" in page.words
    assert "手机赞成" not in page.words
    apart = page.tree.xpath("//details[contains(summary, '分列')]//tr")
    assert [[cell.text for cell in row.xpath("./td")] for row in apart[1:]] == [
        ["11", "7"],
        ["1", "1"],
        ["12", "8"],
    ]


def test_phones_and_papers_stand_apart_until_the_papers_are_in_the_box(world, as_, hall):
    open_(world, hall)
    cast(world, hall, 5, {1: "for"})
    hand_out(world, hall, 6)
    with world.work():
        screen = f"/screen/{round_of(hall).session.screen_key}"
    office, chief, url = as_("office"), card_of(world, as_, hall, 0), f"/office/rounds/{hall['round']}"
    teller = f"/teller/rounds/{hall['round']}"
    for page in (as_().get(screen), chief.get(teller), office.get(url)):
        assert "手机已投" in page.words
        assert "已领纸质票" in page.words
    assert as_().get(screen).tree.xpath("//*[@data-ring]/@stroke-dasharray") == ["166 1000"], "two of twelve"
    assert office.get(f"{url}/turnout.json").json == {
        "state": "opened",
        "issued": 12,
        "returned": 1,
        "papers": 1,
    }
    close(world, hall)
    for page in (as_().get(screen), chief.get(teller)):
        assert "纸质票正在清点" in page.words
        assert "手机收回" in page.words
        assert "有效" not in page.words
    box = add_box(world, hall, 1)
    key(world, box, CLERK, "1")
    key(world, box, OTHER, "1")
    resume(world, hall)
    for page in (as_().get(screen), chief.get(teller)):
        assert "手机收回" not in page.words
        assert "投票有效" in page.words
