"""A session with phones and paper mixed: 30 phones, 12 papers, 2 spoilt, 1 read differently, down to the signed Word sheet."""

import json
import subprocess
import sys
import time

import docx
import pytest

from tests import factories
from tests.factories import PASSWORD
from tests.journeys.halls import BY, NOW, TODAY
from tests.journeys.people import DESK
from tests.journeys.test_year import choose, receipt
from tests.plumbing import ROOT
from votes.rules.people.roles import KeyerRole, Role
from votes.services.meeting import keyers, rounds, sessions
from votes.services.voting import documents, paper_ballots, proof, tally

pytestmark = pytest.mark.journey

#: What the twelve papers say, as keyed; the eighth is read "1 2 3" first and "1 2 4" by the second person.
PAPERS = ["1 2 3", "1 2 3", "1 3", "/1", "2 3 4", "0", "1 2 3", "1 2 4", "/3", "1 2 3 4", "4", "1 2 3"]


def table_after(document, caption):
    """Return the cells of the table that contains a heading."""
    for table in document.tables:
        rows = [[cell.text.strip() for cell in row.cells] for row in table.rows]
        if caption in rows[0]:
            return rows
    raise AssertionError(caption)


def key(person, lines):
    """Type each paper and Enter, as fast as the page takes them."""
    for line in lines:
        person.page.keyboard.type(line)
        person.page.keyboard.press("Enter")
    person.page.get_by_text(f"{len(PAPERS)} 张全部录完").wait_for()


def test_phones_and_papers_down_to_the_signed_sheet(make_hall, tmp_path):
    hall = make_hall(42)
    with hall.world.work():
        listed = [p.id for p in factories.make_listed(5, year=TODAY.year + 1)]
        clerks = [
            factories.make_user(name, Role.OFFICE, body_id=hall.world.county)
            for name in ("clerk.a", "clerk.b")
        ]
        (meeting,) = sessions.all_sessions()
        keyers.name(meeting, clerks[0].id, KeyerRole.CLERK, by=BY, now=NOW)
    rule = {"seats": 3, "publish": "names+votes", "disclosure": "ballots", "small_body": 10, "paper": "keyed"}
    round_id = hall.round("示例票决", listed, rule=rule, at_once=False)
    url = f"/office/rounds/{round_id}/paper"
    office = hall.office()
    print_blanks(office, url, tmp_path)
    office.open(f"/office/rounds/{round_id}")
    office.confirm("开启投票")

    # thirty phones, three of them in a browser; twelve papers, one through the page by name
    hall.vote(round_id, [{1: "for", 2: "for", 5: "for"}] * 27)
    for number in (27, 28, 29):
        voter = hall.phone(number)
        voter.follow("去投票")
        choose(voter, {1, 3})
        voter.press("核对选票")
        voter.press("提交选票")
        assert receipt(voter)
    office.open(f"{url}?q=031")
    office.press("发票")
    office.reads("示例代表031已领取纸质票，手机投票同时停用")

    with hall.world.work():
        for number in range(31, 42):
            paper_ballots.hand_out(rounds.get_round(round_id), hall.deputies[number], by=BY, now=NOW)
    phone = hall.phone(30)
    phone.open(f"/vote/{round_id}")
    phone.reads("您已领取纸质票，请用纸质票投票")
    office.open(f"/office/rounds/{round_id}")
    office.confirm("关闭票箱")

    key_twice(hall, office, url)
    decide_the_doubt(hall, round_id)
    count_and_sign(hall, office, round_id)
    check_sheet_and_record(office, round_id, tmp_path)
    with hall.world.work():
        round_ = rounds.get_round(round_id)
        assert tally.result_of(round_) is not None
        assert [f.what for f in proof.verify(round_).wrong] == []
        assert documents.sheet_data(round_).shares is not None


def print_blanks(office, url, folder):
    """Register a stack of blank ballots and print it."""
    office.open(url)
    office.fill(sheets=15)
    office.press("登记一叠")
    blank = office.download("打印 A5", folder).read_bytes()
    words = subprocess.run(
        ["pdftotext", "-", "-"], input=blank, capture_output=True, check=True
    ).stdout.decode()
    assert words.count("票叠编号") == 15


def key_twice(hall, office, url):
    """Let two clerks read the papers of the box, who disagree about one."""
    office.reads("请清点、录入纸质票", "开箱清点")
    office.fill(place="主会场", papers=12)
    office.press("登记票箱")
    first, second = hall.meet(hall.site, DESK), hall.meet(hall.site, DESK, java_script_enabled=True)
    first.sign_in("clerk.a", PASSWORD)
    first.open(url)
    first.follow("录入")
    began = time.monotonic()
    key(first, [line if place != 7 else "1 2 3" for place, line in enumerate(PAPERS)])
    took = time.monotonic() - began
    assert took < 60, f"twelve papers took {took:.0f} s: thirty would not be through in three minutes"
    second.sign_in("clerk.b", PASSWORD)
    second.open(url)
    second.follow("录入")
    assert "选 1、2、3" not in second.words
    key(second, PAPERS[:6] + PAPERS[6:])
    office.open(url)
    office.reads("还有 1 张没有录入一致")


def decide_the_doubt(hall, round_id):
    """Let the chief teller decide on the phone which of the two readings counts."""
    chief = hall.phone(0)
    chief.open(f"/teller/rounds/{round_id}")
    chief.follow("核定纸质票")
    chief.reads("还有 1 张待核定", "第 1 号票箱 第 8 张", "不一致：第 3、4 项")
    chief.page.get_by_label("采用第二遍").first.check()
    chief.go(chief.page.get_by_role("button", name="核定这张票").first)
    chief.reads("第 1 号票箱第 8 张已核定", "没有待核定的票")


def count_and_sign(hall, office, round_id):
    """Count the blank ballots left over, then the votes; two tellers sign."""
    office.open(f"/office/rounds/{round_id}/paper")
    office.page.locator("summary", has_text="清点剩余").click()
    office.page.get_by_label("第 1 叠剩余的空白票（张）").fill("2")
    office.press("登记剩余")
    office.reads("已登记票箱中的纸质票全部核对一致，可以计票")
    figures = [each.inner_text().split()[0] for each in office.page.locator("dl.figures dd").all()]
    assert figures == ["15", "12", "2", "1", "12"], "印制、发出、剩余、换发、收回"
    office.confirm("计票")
    for number in (0, 1):
        teller = hall.phone(number)
        teller.open(f"/teller/rounds/{round_id}")
        teller.press("签字确认")


def check_sheet_and_record(office, round_id, folder):
    """Expect phone, paper and total on the sheet, and the same figures in the record."""
    office.open(f"/office/rounds/{round_id}")
    sheet = docx.Document(str(office.download("计票报告单（Word）", folder)))
    turnout = {row[0]: row[1:] for row in table_after(sheet, "应到")}
    assert turnout["合计"] == ["42", "42", "42", "42", "39", "3", "0"]
    assert turnout["手机票"][2:] == ["30", "30", "30", "0", "0"]
    assert turnout["纸质票"][2:] == ["12", "12", "9", "3", "0"]
    approvals = {1: (30, 6), 2: (27, 6), 3: (3, 6), 4: (0, 3), 5: (27, 0)}
    heads, *lines = table_after(sheet, "手机赞成")
    rows = [dict(zip(heads, line, strict=True)) for line in lines]
    votes = {int(row["序号"]): (int(row["手机赞成"]), int(row["纸质赞成"])) for row in rows}
    assert votes == approvals
    totals = {int(row["序号"]): int(row["合计赞成"]) for row in rows}
    assert totals == {no: one + two for no, (one, two) in approvals.items()}
    record = json.loads(office.download("票决记录（JSON）", folder).read_text("utf-8"))
    assert {row["no"]: row["for"] for row in record["result"]["counts"]} == totals
    assert (record["result"]["valid"], record["result"]["invalid"]) == (39, 3)
    assert sum(ballot["source"] == "paper" for ballot in record["ballots"]) == 12
    path = folder / "record.json"
    path.write_text(json.dumps(record), "utf-8")
    report = subprocess.run(
        [sys.executable, str(ROOT / "static" / "recount.py"), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.stdout.strip().endswith("结论：一致"), report.stdout


def test_a_page_that_looks_again_does_not_overtake_what_was_pressed(make_hall, answer_late):
    """The page asks every two seconds whether the box is still open. Closing it leads elsewhere, however long that takes."""
    hall = make_hall(3)
    with hall.world.work():
        listed = [project.id for project in factories.make_listed(2, year=TODAY.year + 1)]
    round_id = hall.round("票决", listed, rule={"seats": 1, "paper": "keyed"})
    answer_late("/close", 5)  # by then the page has long asked and heard that it is closed
    office = hall.office()
    office.open(f"/office/rounds/{round_id}")
    office.confirm("关闭票箱")
    assert office.page.url == f"{hall.site}/office/rounds/{round_id}/paper"
    office.reads("票箱已关闭，请清点、录入纸质票")
