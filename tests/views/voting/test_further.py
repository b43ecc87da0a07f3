"""The pages of further rounds, of several ballots at once and of ratings: what works and each refusal."""

import pytest

from tests.pages import Browser
from tests.services.voting.test_further import TIED, another, decide, held, rating, start, states, tracked
from tests.services.voting.test_vote import BY, NOW, close, make_hall, open_, teller_actor
from tests.views.voting.test_voting import phone
from votes.db import db
from votes.models import Round
from votes.rules.codes import new_code
from votes.rules.meeting.rounds import RoundState
from votes.services.delivery import announcements
from votes.services.meeting import openings, rounds


def make_tied(world, **rule):
    hall = make_hall(world, **rule)
    held(world, hall, TIED)
    return hall


PREPARED = {"tied": make_tied, "hall": make_hall}


@pytest.fixture
def tied(prepared):
    return prepared["tied"]


def buttons(page):
    return [" ".join(b.text_content().split()) for b in page.tree.xpath("//main//button|//main//summary")]


def row_of_rounds(page):
    return [" ".join(li.text_content().split()) for li in page.tree.xpath("//nav[@class='rounds']//li")]


# --- the next round ---------------------------------------------------------------------------------------


def test_the_result_says_what_follows_and_starts_it_once(as_, world, tied):
    office, base = as_("office"), f"/office/rounds/{tied['round']}"
    page = office.get(base)
    assert "第 3、4 项票数相等，尚有 1 个名额不能确定" in page.words
    assert "设立第二轮：2 选 1" in buttons(page)
    made = office.follow(office.post(f"{base}/further"))
    assert made.title.startswith("示例票决（第二轮）")
    assert row_of_rounds(made) == ["第一轮 ● 已确认", "第二轮 ○ 准备中"]
    assert [li.get("value") for li in made.tree.xpath("//main//ol/li[@value]")][-2:] == ["3", "4"]
    again = office.post(f"{base}/further")
    assert (again.status, "第二轮已经设立" in again.words) == (409, True)
    page = office.get(base)
    assert "设立第二轮：2 选 1" not in buttons(page)
    assert "打开第二轮" in page.words
    with world.work():
        assert db.session.query(Round).count() == 2


def test_nothing_of_it_shows_before_the_signatures(as_, world):
    hall = make_hall(world)
    held(world, hall, TIED, until="counted")
    office = as_("office")
    page = office.get(f"/office/rounds/{hall['round']}")
    assert "票数相等" not in page.words.partition("票决办法要点")[0]
    assert "第二轮" not in page.words
    refused = office.post(f"/office/rounds/{hall['round']}/further")
    assert (refused.status, "还没有签字确认的结果" in refused.words) == (409, True)


def test_a_leader_reads_and_does_not_start(as_, tied):
    leader = as_("leader")
    page = leader.get(f"/office/rounds/{tied['round']}")
    assert "票数相等" in page.words
    assert not any("第二轮" in word for word in buttons(page))
    assert leader.post(f"/office/rounds/{tied['round']}/further").status == 403
    assert as_("office", "other").post(f"/office/rounds/{tied['round']}/further").status == 404


def test_a_further_rounds_form_has_no_list_and_no_seats_to_change(as_, world, tied):
    second = start(world, tied["round"])
    office = as_("office")
    page = office.get(f"/office/rounds/{second}/edit")
    assert "由上一轮的结果确定，不能更改：应选 1 项" in page.words
    assert page.value("title") == "示例票决"
    assert [page.value(name) for name in ("seats", "projects", "method")] == [None] * 3
    form = {
        name: page.value(name)
        for name in [
            "colour",
            "paper",
            "majority",
            "tie",
            "shortfall",
            "quorum_part",
            "quorum_whole",
            "checkin",
            "publish",
            "disclosure",
            "small_body",
            "mark_for",
            "mark_against",
            "mark_abstain",
        ]
    }
    sent = office.post(
        f"/office/rounds/{second}/edit",
        form | {"title": "再次投票", "colour": "blue", "seats": "2", "projects": ["1"]},
    )
    page = office.follow(sent)
    assert "再次投票" in page.words
    assert "浅蓝色票" in page.words
    with world.work():
        made = rounds.get_round(second)
        assert rounds.rule_of(made).seats == 1
        assert [c.number for c in made.candidates] == [3, 4]


def test_a_void_round_leads_on_too(as_, world, hall):
    open_(world, hall)
    close(world, hall)
    office, base = as_("office"), f"/office/rounds/{hall['round']}"
    office.post(f"{base}/void", {"reason": "设备故障"})
    assert "设立第二轮，重新投票" in buttons(office.get(base))
    made = office.follow(office.post(f"{base}/further"))
    assert "上一轮作废，本轮重新投票。" in made.words
    assert row_of_rounds(made) == ["第一轮 × 作废", "第二轮 ○ 准备中"]


def test_the_public_reads_every_round_and_the_joined_list(as_, world, tied):
    second = start(world, tied["round"])
    held(world, tied, [{3}] * 5 + [{4}] * 7, second)
    office = as_("office")
    assert "第一轮还没有公告，将与第二轮一并公告" in office.get(f"/office/rounds/{second}/announce").words
    page = office.post(f"/office/rounds/{second}/announce", {"number": "8", "announced_on": "2027-01-16"})
    assert "公告已发布" in office.follow(page).words
    assert states(world) == ["selected", "selected", "not_selected", "selected", "not_selected"]
    with world.work():
        first, made = (rounds.get_round(i).public_id for i in (tied["round"], second))
    citizen = as_()
    (notice,) = citizen.get("/p/shili/announcements/").tree.xpath("//ul[@class='notices']//a/@href")
    assert notice == f"/p/shili/rounds/{made}/"
    for public_id in (first, made):
        page = citizen.get(f"/p/shili/rounds/{public_id}/")
        assert "（第8号）" in page.title
        names = [" ".join(li.text_content().split()) for li in page.tree.xpath("//ol[@class='joined']/li")]
        assert names == ["示例项目01 第一轮", "示例项目02 第一轮", "示例项目04 第二轮"]
        assert "示例项目03" not in page.words
        assert {f"/p/shili/rounds/{i}/record.json" for i in (first, made)} <= set(page.links())
    rows = citizen.get("/p/shili/data/results.json").json["results"]
    assert sorted((r["round"], r["announcement"], [s["number"] for s in r["selected"]]) for r in rows) == [
        (1, 8, [1, 2]),
        (2, 8, [4]),
    ]


# --- the presidium ----------------------------------------------------------------------------------------


def test_the_presidiums_decision_is_entered_on_the_result_page(as_, world, hall):
    with world.work():
        round_ = rounds.get_round(hall["round"])
        round_.rule = {**round_.rule, "tie": "presidium"}
    held(world, hall, TIED)
    office, base = as_("office"), f"/office/rounds/{hall['round']}"
    page = office.get(base)
    assert "由主席团决定；登记决定后才能发布公告" in page.words
    assert "发布公告" not in [a.text_content() for a in page.tree.xpath("//div[@class='page-acts']//a")]
    bad = office.post(
        f"{base}/presidium", {"decided_on": "2027-01-15", "note": "主席团会议", "chosen": ["3", "4"]}
    )
    assert bad.status == 422
    assert "应确定 1 项，现在选了 2 项，请重选。" in bad.words
    assert bad.value("note") == "主席团会议", "what was typed is still there"
    assert len(bad.tree.xpath("//input[@name='chosen'][@checked]")) == 2
    assert office.post(f"{base}/announce", {"number": "8", "announced_on": "2027-01-16"}).status == 422
    decide(world, hall["round"], 4)
    page = office.get(base)
    assert "主席团决定：第 4 项“示例项目04”列入。主席团第三次会议举手表决" in page.words
    assert "确定的名单（3 项）" in page.words


# --- several ballots at once ------------------------------------------------------------------------------


def test_two_ready_ballots_are_opened_in_one_act(as_, world, hall):
    second = another(world, hall, colour="pink")
    office, base = as_("office"), f"/office/sessions/{hall['session']}"
    page = office.get(base)
    assert "同时开启 2 项" in buttons(page)
    ids = page.tree.xpath("//input[@name='rounds']/@value")
    assert ids == [str(hall["round"]), str(second)]
    page = office.follow(office.post(f"{base}/rounds/open", {"rounds": ids}))
    assert "已同时开启 2 项票决" in page.words
    assert page.words.count("发出 12 票，收回 0 票") == 2
    assert "粉红色票" in page.words
    nothing = office.post(f"{base}/rounds/open", {"rounds": ["x"]})
    assert (nothing.status, "至少选择一项" in nothing.words) == (422, True)


def test_one_that_is_not_ready_is_not_offered(as_, world, hall):
    another(world, hall, checked=False)
    assert not any("同时开启" in b for b in buttons(as_("office").get(f"/office/sessions/{hall['session']}")))


def test_the_phone_is_led_from_one_ballot_to_the_next(app, world, hall):
    second = another(world, hall, colour="pink")
    with world.work():
        openings.open_together([rounds.get_round(i) for i in (hall["round"], second)], by=BY, now=NOW)
    browser = phone(app, world, hall, 4)
    home = browser.get("/hall/")
    assert "还有 2 张票未投" in home.words
    assert [u for u in home.links() if u.startswith("/vote/")] == [
        f"/vote/{hall['round']}",
        f"/vote/{second}",
    ]
    page = browser.follow(browser.post(f"/vote/{hall['round']}/cast", {"m1": "for", "code": new_code()}))
    assert "还有 1 张票未投 粉红色票 第二项票决 去投下一张" in page.words
    assert f"/vote/{second}" in page.links()
    ballot = browser.get(f"/vote/{second}")
    assert "粉红色票" in ballot.words
    assert ballot.tree.xpath("//body/@class") == ["on-pink"]
    page = browser.follow(browser.post(f"/vote/{second}/cast", {"m2": "for", "code": new_code()}))
    assert "未投" not in page.words
    assert "请留在会场" in page.words
    assert "未投" not in browser.get("/hall/").words


def test_a_deputy_who_is_not_there_is_led_nowhere(app, world, monkeypatch):
    hall = make_hall(world, present=10)
    open_(world, hall)
    assert "未投" not in phone(app, world, hall, 11).get("/hall/").words


# --- ratings ----------------------------------------------------------------------------------------------


RATING = {
    "title": "2026年民生实事项目满意度测评", "colour": "pink", "paper": "none", "quorum_part": "2", "quorum_whole": "3",
    "half": "neither", "checkin": "desk", "publish": "names+votes", "disclosure": "codes", "small_body": "20",
}  # fmt: skip


def test_a_rating_is_set_up_from_last_years_projects(as_, world, hall):
    office, url = as_("office"), f"/office/sessions/{hall['session']}/rounds/new?kind=rating"
    assert "还没有可以测评的项目" in office.get(url).words
    ids = [str(i) for i in tracked(world, 3)] + [str(i) for i in tracked(world, 1, year=2025)]
    page = office.get(url)
    assert page.value("title") == RATING["title"]
    assert page.tree.xpath("//input[@name='projects'][@checked]/@value") == ids[:3], (
        "those of the year before"
    )
    assert [page.value(name) for name in ("seats", "majority", "mark_for")] == [None] * 3
    bad = office.post(url, RATING | {"projects": ids[:2], "quorum_part": "4"})
    assert bad.status == 422
    assert bad.tree.xpath("//input[@name='projects'][@checked]/@value") == ids[:2]
    none = office.post(url, RATING)
    assert (none.status, "请先确定候选项目" in none.words) == (422, True)
    page = office.follow(office.post(url, RATING | {"projects": ids[:3]}))
    assert "测评项目（3 项）" in page.words
    with world.work():
        made = db.session.query(Round).order_by(Round.id.desc()).first()
        rule = rounds.rule_of(made)
        assert (rule.method, rule.half, rule.seats, made.colour) == ("rating", "neither", 0, "pink")
    edit = office.get(f"/office/rounds/{made.id}/edit")
    assert (edit.value("half"), len(edit.tree.xpath("//input[@name='projects'][@checked]"))) == ("neither", 3)


def test_a_rating_ballot_asks_for_what_is_left_out_and_takes_it_so(app, world, hall):
    ids = tracked(world, 3)
    round_id = rating(world, hall, ids)
    with world.work():
        round_ = rounds.get_round(round_id)
        openings.zero_check(round_, by=teller_actor(hall["deputies"][0]), now=NOW)
        openings.open_round(round_, by=BY, now=NOW)
    browser = phone(app, world, hall, 4)
    page = browser.get(f"/vote/{round_id}")
    assert "共 3 项，对每一项选择一个等次" in page.words
    assert len(page.tree.xpath("//label/input[@type='radio']")) == 9
    marks = {"m1": "satisfied", "m3": "dissatisfied"}
    review = browser.post(f"/vote/{round_id}/review", marks | {"code": new_code()})
    assert "还有 1 项没有评价（第 2 项）" in review.words
    assert "满意 1 项" in review.words
    full = browser.post(f"/vote/{round_id}/review", marks | {"m2": "basically", "code": new_code()})
    assert "没有评价" not in full.words
    blank = browser.post(f"/vote/{round_id}/review", {"code": new_code()})
    assert "您没有作出任何选择" in blank.words
    wrong = browser.post(f"/vote/{round_id}/cast", {"m1": "for", "code": new_code()})
    assert (wrong.status, "第 1 项的选择无法识别" in wrong.words) == (422, True)
    assert (
        "已收到" in browser.follow(browser.post(f"/vote/{round_id}/cast", marks | {"code": new_code()})).words
    )


def test_grades_stand_on_the_result_page_and_on_the_projects_public_page(as_, world, hall):
    ids = tracked(world, 2)
    round_id = rating(world, hall, ids, publish="names")
    held(world, hall, [{1: "satisfied", 2: "basically"}] * 9 + [{1: "basically"}], round_id)
    office = as_("office")
    page = office.get(f"/office/rounds/{round_id}")
    rows = [[" ".join(td.text_content().split()) for td in tr] for tr in page.tree.xpath("//main//tbody/tr")][
        :2
    ]
    assert rows == [
        ["1", "上年示例01", "9", "1", "0", "0", "75.00%", "83.33%", "✔ 满意"],
        ["2", "上年示例02", "0", "9", "0", "1", "0.00%", "75.00%", "▲ 基本满意"],
    ]
    assert "45.00%" in page.words  # 9 of 10 × 2
    assert "95.00%" in page.words
    citizen = as_()
    assert "满意度测评" not in citizen.get(f"/p/shili/projects/{ids[1]}").words
    with world.work():
        announcements.announce(rounds.get_round(round_id), number=3, announced_on=NOW.date(), by=BY, now=NOW)
    page = citizen.get(f"/p/shili/projects/{ids[1]}")
    assert "满意度测评▲ 基本满意" in page.words
    assert "基本满意 9" not in page.words, "the rule publishes grades only"
    told = {
        p["name"]: p["rating"] for p in citizen.get("/p/shili/data/projects.json?year=2026").json["projects"]
    }
    assert told == {"上年示例01": "满意", "上年示例02": "基本满意"}
    assert "满意度测评" in citizen.get("/p/shili/data/projects.csv?year=2026").text
    with world.work():
        assert rounds.get_round(round_id).state == RoundState.ANNOUNCED
        public_id = rounds.get_round(round_id).public_id
    page = Browser(as_().client.application).get(f"/p/shili/rounds/{public_id}/")
    assert "上年示例02" in page.words
    assert "总体满意率" not in page.words
