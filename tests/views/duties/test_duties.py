"""代表履职 in the office, on the phone and in public: works, keeps to roles and bodies, says what is wrong."""

from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest

from tests import factories
from tests.counting import statements
from tests.sheets import book, rows_of
from tests.years import at
from votes.db import db
from votes.models import Body, Deputy
from votes.rules.duties.duties import DutyAttendanceState, DutyKind, DutyMeetingKind, DutyState
from votes.rules.people.roles import BodyKind, DeputyState
from votes.services.duties import entries, figures, meetings, public_pages
from votes.services.people import roster

DAY, NOW = date(2027, 6, 6), at(2027, 6, 6)
PRESENT, LEAVE, ABSENT = DutyAttendanceState
BASE = "/office/duties"


@pytest.fixture(autouse=True)
def a_day_in_june(monkeypatch):
    for module in ("forms.duties", "views.duties.duties", "views.duties.entries", "views.duties.phone"):
        monkeypatch.setattr(f"votes.{module}.today", lambda: DAY)
    monkeypatch.setattr("votes.views.duties.meetings.today", lambda: DAY)
    for module in ("entries", "meetings", "pages", "phone"):
        monkeypatch.setattr(f"votes.views.duties.{module}.now", lambda: NOW)
    monkeypatch.setattr("votes.web.imports.now", lambda: NOW)


def make_rows(world):
    office = world.actor("office")
    with world.work():
        ids = [d.id for d in factories.make_deputies(4, world.delegations["county"], start=101)]
        deputy = db.session.get(Deputy, ids[0])
        deputy.post, deputy.phone, deputy.ethnicity, deputy.born = "村医", "13912345678", "土族", "1979-04"
        meeting = meetings.save(
            None, kind=DutyMeetingKind.COMMITTEE, title="第一次常委会会议", held_on=date(2027, 3, 1), by=office, now=NOW
        )  # fmt: skip
        marks = {ids[0]: (PRESENT, True), ids[1]: (LEAVE, False), ids[2]: (ABSENT, False)}
        meetings.mark(meeting, marks, by=office, now=NOW)
        entries.enter(
            ids[:2], kind=DutyKind.TRAINING, held_on=date(2027, 4, 1), title="履职培训", by=office, now=NOW
        )
        own = world.actor("deputy")
        entry = entries.enter_own(
            kind=DutyKind.VISIT, held_on=date(2027, 5, 1), title="走访敬老院", text="电话 13700000000", by=own, now=NOW
        )  # fmt: skip
        public_pages.open_for(ids[:1], by=office, now=NOW)
        key = roster.get(ids[0]).page_key
        return {"ids": ids, "meeting": meeting.id, "entry": entry.id, "key": key, "own": own.deputy_id}


PREPARED = {"rows": make_rows}


@pytest.fixture
def rows(world, prepared):
    """Four deputies, a meeting of three of them, a training of two, an own entry that waits, one page."""
    return prepared["rows"]


def state_of(world, entry_id):
    with world.work():
        entry = entries.get(entry_id)
        return entry and (entry.state, entry.refusal)


# --- the office ----------------------------------------------------------------------------------------------


def test_everybody_in_figures_on_the_page_and_in_the_sheet(as_, rows):
    page = as_("leader").get(f"{BASE}/?sort=committee")
    cells = [[" ".join(td.text_content().split()) for td in tr] for tr in page.tree.xpath("//tbody/tr")]
    assert [row[1] for row in cells[:3]] == ["示例代表102", "示例代表103", "示例代表101"]
    assert cells[2][4:7] == ["100.0%1/1", "—", "100.0%1/1"]
    assert "常委会出席率33.3%1 / 3 人次" in page.words
    sheet = rows_of(as_("office").get(f"{BASE}/export.xlsx?q=101").data)
    assert sheet[0][0] == "示例县2027年代表履职情况"
    found = dict(zip(sheet[1], sheet[2], strict=True))
    assert (found["姓名"], found["常委会出席率"], found["常委会出席率（次数）"], found["培训"]) == (
        "示例代表101", 1, "1/1", 1,
    )  # fmt: skip


@pytest.mark.sqlite
def test_the_list_takes_as_many_statements_for_many(world, as_, rows):
    browser = as_("office")
    with statements(world.database) as few:
        browser.get(f"{BASE}/")
    with world.work():
        ids = [d.id for d in factories.make_deputies(60, world.delegations["county"], start=201)]
        given = {"held_on": DAY, "title": "走访", "by": world.actor("office"), "now": NOW}
        entries.enter(ids, kind=DutyKind.VISIT, **given)
    with statements(world.database) as many:
        page = browser.get(f"{BASE}/")
    assert len(many) == len(few) <= 30
    assert len(page.tree.xpath("//tbody/tr")) == 50


def test_one_record_and_its_papers(world, as_, rows):
    browser = as_("office")
    with statements(world.database) as said:
        page = browser.get(f"{BASE}/{rows['ids'][0]}")
    assert len(said) <= 30
    assert "会议出席" in page.words
    assert "第一次常委会会议 出席，发言" in page.words
    assert browser.get(f"{BASE}/{rows['ids'][0]}/record.pdf").data[:5] == b"%PDF-"
    assert browser.get(f"{BASE}/{rows['ids'][0]}/record.docx").data[:2] == b"PK"


@pytest.mark.sqlite
def test_all_papers_portion_by_portion_and_by_delegation(world, as_, rows, monkeypatch):
    monkeypatch.setattr("votes.exports.formats.layout.to_pdf", lambda paper: paper.subtitle.encode())
    browser, job = as_("office"), "ab" * 12
    page = browser.get(f"{BASE}/papers")
    (form,) = page.tree.xpath("//form[@id='make-all']")
    for part in form.get("data-parts").split():
        assert browser.post(f"{BASE}/papers", {"job": job, "part": part}).status == 204
    files = ZipFile(BytesIO(browser.post(f"{BASE}/papers", {"job": job}).data)).namelist()
    assert sorted(files)[0] == "101-示例代表101-2027年履职档案.pdf"
    assert len(files) == 5  # with the deputy of the account
    only = browser.post(f"{BASE}/papers", {"only": str(world.delegations["county"])})
    assert ZipFile(BytesIO(only.data)).namelist() == files
    assert browser.post(f"{BASE}/papers", {"only": "0"}).status == 404
    assert browser.post(f"{BASE}/papers", {"job": job, "part": "none"}).status == 404
    assert browser.post(f"{BASE}/papers", {"job": "../x"}).status == 422


def test_attendance_typed_on_one_page(world, as_, rows):
    browser, url = as_("office"), f"{BASE}/meetings/{rows['meeting']}"
    one, two, three, four = rows["ids"]
    page = browser.get(url)
    assert page.value(f"state-{one}") == "present"
    data = {f"state-{one}": "present", f"spoke-{one}": "1", f"state-{four}": "leave", f"state-{three}": ""}
    assert browser.post(url, data).status == 303
    with world.work():
        marks = meetings.marks_of(meetings.get(rows["meeting"]))
    assert marks == {one: (PRESENT, True), four: (LEAVE, False)}
    page = browser.post(url, {f"state-{two}": "leave", f"spoke-{two}": "1", f"state-{one}": "present"})
    assert page.status == 422
    assert "没有出席，不能记发言" in page.words
    assert (page.value(f"state-{two}"), page.value(f"spoke-{two}")) == ("leave", "1")
    assert browser.post(url, {f"spoke-{two}": "1"}).status == 422
    assert "至少选择一位应到人员" in browser.post(url, {}).words
    with world.work():
        assert meetings.marks_of(meetings.get(rows["meeting"])) == marks


def test_two_clerks_at_one_meeting_see_each_other(world, as_, rows):
    one, other, url = as_("office"), as_("office"), f"{BASE}/meetings/{rows['meeting']}"
    first, second, *_ = rows["ids"]
    seen = one.get(url).value("seen")
    assert other.get(url).value("seen") == seen
    assert one.post(url, {"seen": seen, f"state-{first}": "leave"}).status == 303
    late = {f"state-{second}": "present"}
    wrong = other.post(
        url, {"seen": seen, **late, f"spoke-{first}": "1"}
    )  # a slip of the pen tells nothing yet
    assert (wrong.status, wrong.value("seen")) == (422, seen)
    told = other.post(url, {"seen": seen, **late})
    assert told.status == 422
    assert "有人改过这次会议的出席情况，没有保存" in told.words
    assert told.value(f"state-{second}") == "present"
    with world.work():
        assert set(meetings.marks_of(meetings.get(rows["meeting"]))) == {first}
    assert other.post(url, {"seen": told.value("seen"), **late}).status == 303
    with world.work():
        assert set(meetings.marks_of(meetings.get(rows["meeting"]))) == {second}


def test_attendance_by_sheet_is_taken_over_whole_or_not_at_all(world, as_, rows):
    browser, url = as_("office"), f"{BASE}/meetings/{rows['meeting']}"
    data = browser.get(f"{url}/sheet.xlsx").data

    def send(data):
        return browser.post(
            f"{url}/import", {"file": (BytesIO(data), "出席.xlsx")}, content_type="multipart/form-data"
        )

    assert browser.post(send(data).location).status == 303
    answer = send(book([["101", "出席"], ["9999", "出席"]], head=["代表证号", "出席情况"]))
    page = browser.get(answer.location)
    assert browser.post(answer.location).status == 422
    assert "有 1 行不能导入" in page.words
    assert "没有这个代表证号" in page.words
    with world.work():
        assert len(meetings.marks_of(meetings.get(rows["meeting"]))) == 3
    assert send(b"no sheet").status == 422
    assert browser.post(f"{url}/import", {}).status == 422


def test_meetings_are_entered_changed_and_removed(as_, rows):
    browser = as_("office")
    given = {"kind": "special", "title": "财经委第一次会议", "held_on": "2027-05-01"}
    page = browser.post(f"{BASE}/meetings/new", given)
    assert page.status == 303
    assert "财经委第一次会议" in browser.follow(page).words
    page = browser.post(f"{BASE}/meetings/new", given)
    assert page.status == 422
    assert page.value("title") == "财经委第一次会议"
    assert "已有名为" in page.words
    assert (
        browser.post(
            f"{BASE}/meetings/{rows['meeting']}/edit", {**given, "held_on": "2027-07-01", "title": "x"}
        ).status
        == 422
    )
    assert "财经委第一次会议" in browser.get(f"{BASE}/meetings?kind=special").words
    assert browser.post(f"{BASE}/meetings/{rows['meeting']}/remove").status == 303
    assert browser.get(f"{BASE}/meetings/{rows['meeting']}").status == 404
    assert browser.get(f"{BASE}/meetings/export.xlsx").data[:2] == b"PK"


def test_an_entry_for_many(world, as_, rows):
    browser = as_("office")
    given = {
        "kind": "research",
        "held_on": "2027-06-05",
        "title": "视察饮水工程",
        "deputies": rows["ids"][:3],
    }
    assert browser.post(f"{BASE}/entries/new", given).status == 303
    with world.work():
        assert figures.figures(2027)[rows["ids"][2]].count(DutyKind.RESEARCH) == 1
    page = browser.post(f"{BASE}/entries/new", {**given, "held_on": "2027-06-07"})
    assert page.status == 422
    assert "日期不能晚于今天" in page.words
    assert len(page.tree.xpath("//input[@name='deputies'][@checked]")) == 3
    assert browser.post(f"{BASE}/entries/new", {**given, "deputies": []}).status == 422


def test_what_waits_is_confirmed_or_refused(world, as_, rows):
    browser = as_("office")
    assert "走访敬老院" in browser.get(f"{BASE}/inbox").words
    page = browser.post(f"{BASE}/entries/{rows['entry']}/refuse", {})
    assert page.status == 422
    assert browser.post(f"{BASE}/entries/{rows['entry']}/refuse", {"reason": "请写明地点"}).status == 303
    assert state_of(world, rows["entry"]) == (DutyState.REFUSED, "请写明地点")
    assert "请写明地点" in as_("deputy").get("/my/duties/").words
    assert browser.post(f"{BASE}/entries/{rows['entry']}/confirm", {"from": "record"}).status == 303
    assert state_of(world, rows["entry"]) == (DutyState.CONFIRMED, "")
    assert browser.post(f"{BASE}/inbox", {"entry": rows["entry"]}).status == 422  # nothing waits any more


@pytest.mark.sqlite
def test_a_meeting_of_the_coming_year_is_found_again(as_, rows):
    browser = as_("office")
    given = {"kind": "committee", "title": "明年第一次会议", "held_on": "2028-01-20"}
    page = browser.follow(browser.post(f"{BASE}/meetings/new", given))
    assert "明年第一次会议" in page.words
    assert page.tree.xpath("//nav[@class='crumbs']/a[last()]/@href") == [f"{BASE}/meetings?year=2028"]
    assert "明年第一次会议" in browser.get(f"{BASE}/meetings?year=2028").words
    assert "第一次常委会会议" in browser.get(f"{BASE}/meetings").words  # still begins with this year
    page = browser.post(f"{BASE}/meetings/new", {**given, "title": "x", "held_on": "2072-01-20"})
    assert (page.status, "日期不能晚于明年年底" in page.words) == (422, True)


@pytest.mark.sqlite
def test_of_one_who_has_left_the_year_is_still_completed_and_no_page_is_opened(world, as_, rows):
    browser, (one, two, *_) = as_("office"), rows["ids"]
    with world.work():
        for id_, state in ((one, DeputyState.SUSPENDED), (two, DeputyState.ENDED)):
            db.session.get(Deputy, id_).state = state
    given = {"kind": "training", "held_on": "2027-05-05", "title": "离任前的培训", "deputies": [two]}
    assert browser.post(f"{BASE}/entries/new?deputy={two}", given).status == 303
    assert (
        browser.post(f"{BASE}/entries/new", given).status == 422
    )  # whom nobody has asked for is not in the list
    assert "离任前的培训" in browser.get(f"{BASE}/{two}").words
    assert browser.post(f"{BASE}/{two}/page", {"act": "open"}).status == 409
    page = browser.get(f"{BASE}/{one}")
    assert page.tree.xpath("//a[contains(@href, '/p/')][contains(@href, '/d/')]") == []


@pytest.mark.sqlite
def test_papers_are_read_with_as_many_statements_for_many(world, as_, rows, monkeypatch):
    monkeypatch.setattr("votes.exports.formats.layout.to_pdf", lambda paper: b"%PDF-")
    browser = as_("office")
    with world.work():
        factories.make_deputies(30, world.delegations["county"], start=201)
    with statements(world.database) as said:
        whole = browser.post(f"{BASE}/papers", {"whole": "1"})
    assert len(ZipFile(BytesIO(whole.data)).namelist()) == 35
    assert len(said) <= 30


@pytest.mark.sqlite
def test_a_street_speaks_its_own_words(world, as_, rows):
    with world.work():
        db.session.get(Body, world.county).kind = BodyKind.STREET
    browser = as_("office")
    page = browser.get(f"{BASE}/")
    heads = [th.text_content() for th in page.tree.xpath("//thead//th")]
    assert heads[3:6] == ["议事代表会议出席率", "发言率", "参加票决"]
    assert page.tree.xpath("//select[@name='sort']/option/text()")[3:5] == [
        "议事代表会议出席率低的在前",
        "发言率低的在前",
    ]
    form = browser.get(f"{BASE}/meetings/new")
    assert form.tree.xpath("//select[@name='kind']/option/text()") == ["其他会议"]
    assert "常委会" not in form.words
    assert rows_of(browser.get(f"{BASE}/export.xlsx").data)[1][3:8:2] == [
        "议事代表会议出席率",
        "发言率",
        "参加票决和测评",
    ]
    assert browser.get(f"{BASE}/{rows['ids'][0]}/record.docx").data[:2] == b"PK"


@pytest.mark.parametrize("who", ["government", "department", "deputy", "leader"])
def test_who_may_not(as_, rows, who):
    browser = as_(who)
    assert browser.get(f"{BASE}/").status == (200 if who == "leader" else 403)
    assert browser.get(f"{BASE}/inbox").status == 403
    assert browser.post(f"{BASE}/pages/open", {"deputy": rows["ids"]}).status == 403


def test_elsewhere_it_is_not_there(as_, rows):
    browser = as_("office", "other")
    for url in (f"{rows['ids'][0]}", f"meetings/{rows['meeting']}", f"{rows['ids'][0]}/card.pdf"):
        assert browser.get(f"{BASE}/{url}").status == 404
    assert browser.post(f"{BASE}/entries/{rows['entry']}/confirm").status == 404
    assert browser.get(f"/p/linxian/d/{rows['key']}").status == 404


# --- the phone -------------------------------------------------------------------------------------------------


def test_a_deputy_enters_and_takes_back(world, as_, rows):
    browser = as_("deputy")
    assert "我的履职" in browser.get("/hall/").words
    given = {"kind": "visit", "held_on": "2027-06-06", "title": "走访三户", "text": "示例"}
    assert browser.post("/my/duties/new", given).status == 303
    page = browser.get("/my/duties/")
    assert "待确认 走访三户" in page.words
    page = browser.post("/my/duties/new", {**given, "kind": "", "title": ""})
    assert page.status == 422
    assert page.value("text") == "示例"
    assert browser.post("/my/duties/withdraw", {"entry_id": rows["entry"]}).status == 303
    assert state_of(world, rows["entry"]) is None
    assert browser.post("/my/duties/withdraw", {"entry_id": rows["entry"]}).status == 422


# --- in public -------------------------------------------------------------------------------------------------


def test_the_public_page_shows_what_is_chosen_and_nothing_else(world, as_, rows):
    public, office = as_(), as_("office")
    url = f"/p/shili/d/{rows['key']}"
    page = public.get(url)
    assert "示例代表101" in page.words
    assert "村医" in page.words
    assert "常委会出席率100.0%1 / 1 次" in page.words
    for hidden in ("13912345678", "土族", "1979", "履职培训", "性别"):
        assert hidden not in page.text
    assert office.post(f"{BASE}/pages", {"fields": ["gender", "ethnicity"]}).status == 303
    page = public.get(url)
    assert "土族" in page.words
    for hidden in ("13912345678", "村医", "100.0", "1979"):
        assert hidden not in page.text
    # of one who has done nothing nothing is shown, and that is said
    assert office.post(f"{BASE}/pages", {"fields": ["rates", "entries"]}).status == 303
    assert office.post(f"{BASE}/{rows['ids'][3]}/page", {"act": "open"}).status == 303
    with world.work():
        key = roster.get(rows["ids"][3]).page_key
    page = public.get(f"/p/shili/d/{key}")
    assert (page.tree.xpath("//dl[contains(@class, 'rates')]"), "还没有履职记录" in page.words) == ([], True)
    assert office.post(f"{BASE}/pages", {"fields": ["phone"]}).status == 422
    listed = public.get("/p/shili/deputies")
    assert [name for name in ("示例代表101", "示例代表102") if name in listed.words] == ["示例代表101"]


def test_pages_are_opened_renewed_closed_and_printed(world, as_, rows):
    office, public = as_("office"), as_()
    one, two, *_ = rows["ids"]
    assert office.post(f"{BASE}/pages/open", {"deputy": [one, two]}).status == 303
    assert office.get(f"{BASE}/cards.pdf").data[:5] == b"%PDF-"
    assert office.get(f"{BASE}/{two}/card.pdf").data[:5] == b"%PDF-"
    assert office.post(f"{BASE}/{one}/page", {"act": "renew"}).status == 303
    assert public.get(f"/p/shili/d/{rows['key']}").status == 404
    assert office.post(f"{BASE}/{one}/page", {"act": "close"}).status == 303
    assert office.get(f"{BASE}/{one}/card.pdf").status == 409
    assert office.post(f"{BASE}/{one}/page", {"act": "fold"}).status == 422
    assert office.post(f"{BASE}/pages/open", {}).status == 422
