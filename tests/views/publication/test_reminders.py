"""What is due: on the front page and its own, for everybody their share; where reminders go; the command that sends them."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest

from tests.counting import statements
from tests.years import BY, at, make_tracked, report
from votes.services.people import bodies
from votes.services.publication import reminders, senders

DAY = date(2027, 7, 8)


@pytest.fixture(autouse=True)
def a_day_in_july(monkeypatch):
    for module in ("views.publication.reminders", "views.publication.front_page"):
        monkeypatch.setattr(f"votes.{module}.today", lambda: DAY)


@pytest.fixture
def owed(world):
    with world.work():
        first = make_tracked(2, department_id=world.departments["county"])
        other = make_tracked(1, department_id=world.departments["county"] + 1, start=3)[0]
        for tracking, last in ((first[0], 6), (first[1], 4), (other, 5)):
            for month in range(1, last + 1):
                report(tracking.id, month, month * 8)


def titles(page):
    return [a.text for a in page.tree.xpath("//tbody//td[2]/a")]


LATE, OTHER = "实事项目02：5月至6月月报", "实事项目03：6月月报"


@pytest.mark.parametrize(
    ("role", "expected"),
    [("office", [LATE, OTHER]), ("leader", [LATE, OTHER]), ("department", [LATE]), ("department2", [OTHER])],
)
def test_reminders_of_each_role_list_its_own_share(as_, owed, role, expected):
    page = as_(role).get("/office/reminders/")
    assert titles(page) == expected
    front = as_(role).get("/office/")
    assert [a.text for a in front.tree.xpath("//section[@id='due']//li/a")] == expected
    sheet = openpyxl.load_workbook(BytesIO(as_(role).get("/office/reminders/export.xlsx").data)).active
    assert [row[1].value for row in sheet.iter_rows(min_row=3)] == expected


def test_reminders_filtered_to_nothing_say_so(as_, world, owed):
    browser = as_("office")
    assert titles(browser.get(f"/office/reminders/?unit={world.departments['county']}")) == [LATE]
    assert "没有符合条件的到期事项" in browser.get("/office/reminders/?kind=transfer").words
    assert titles(browser.get("/office/reminders/?unit=x&overdue=9&page=0")) == [LATE, OTHER]


def test_reminders_without_due_tasks_say_so(as_):
    assert "现在没有到期或逾期的事项" in as_("office").get("/office/reminders/").words


def test_settings_keep_the_secret_unless_it_is_cleared(as_, world):
    browser = as_("office")
    form = {
        "robot": "https://robot.example/send?key=abc",
        "kind": "dingtalk",
        "secret": "geheim",
        "mails": "a@b.example\n\n",
    }
    page = browser.follow(browser.post("/office/reminders/settings", form))
    assert "机器人（robot.example），还没有发送过" in page.words
    shown = browser.get("/office/reminders/settings")
    assert "geheim" not in shown.text
    browser.post("/office/reminders/settings", {**form, "secret": ""})  # left empty: as it was
    with world.work():
        found = reminders.channels(bodies.get_body(world.county))
        assert (found.secret, found.mails) == ("geheim", ("a@b.example",))
    browser.post("/office/reminders/settings", {**form, "secret": "", "no_secret": "y"})
    with world.work():
        assert reminders.channels(bodies.get_body(world.county)).secret == ""
    page = browser.post("/office/reminders/settings", {**form, "mails": "nobody"})
    assert (page.status, page.value("mails").strip()) == (422, "nobody")
    assert "“nobody”不是电子邮箱地址。" in page.errors


def test_settings_for_government_are_403(as_):
    assert as_("government").get("/office/reminders/settings").status == 403


def test_remind_command_shows_sends_and_reports_failures(world, owed, monkeypatch):
    with world.work():
        county = bodies.get_body(world.county)
        reminders.configure(county, senders.Channels("http://127.0.0.1:1/x"), by=BY, now=at(2027, 7, 8))
    monkeypatch.setattr("votes.cli.now", lambda: at(2027, 7, 8))
    run = world.app.test_cli_runner().invoke
    shown = run(args=["remind", "--dry-run"])
    assert (shown.exit_code, LATE in shown.output) == (0, True)
    failed = run(args=["remind"])
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert failed.stderr == "示例县，机器人，2 件：机器人没有送达：连接失败（URLError）\n"
    monkeypatch.setattr("votes.services.publication.reminders.deliver", lambda parcel, server: None)
    sent = [run(args=["remind"]).output for _ in range(2)]
    assert sent == ["示例县，机器人，2 件：已发送\n", ""]


@pytest.mark.parametrize("count", [2, 30])
def test_due_tasks_take_at_most_thirty_statements(as_, world, database, count):
    with world.work():
        make_tracked(count, department_id=world.departments["county"])
    browser = as_("office")
    for url in ("/office/reminders/", "/office/"):
        with statements(database) as said:
            assert browser.get(url).status == 200
        assert len(said) <= 30, "\n".join(said)
