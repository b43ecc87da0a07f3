"""A whole year in Chromium, from an empty database: accounts, roster, candidates, the vote, tracking, the public.

Everybody uses a browser of their own and only what a person has: addresses, buttons, paper, the hall's screen. The
server is the real one, with the token against forged forms on. On the way stand the usual mistakes, each of which
must get its own words and change nothing.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import docx
import openpyxl
import pytest
from PIL import Image

from tests.exports.tools import decode, pdf_pages, pdf_text, run
from tests.journeys import books
from tests.journeys.people import DESK, HALL, Person
from tests.journeys.tellers import confirm_code, set_secret

pytestmark = pytest.mark.journey

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
YEAR = TODAY.year + 1
UNIT = "交通运输局"
SEATS = 4
PASSWORD = "right horse, 7 brooks"
#: What the sixteen who vote want, by number on the ballot; the last one leaves it blank.
WISHES = [{1, 2, 3, 4}] * 9 + [
    {1, 3, 4},
    {1, 2, 3},
    {1, 2, 3, 5},
    {1, 2, 4},
    {1, 3, 4, 6},
    {2, 3, 4, 6},
    set(),
]
PHONES = [f"{n:03d}" for n in range(1, 11)]  # those who come with their own phone and card
BY_PIN = [f"{n:03d}" for n in range(11, 17)]  # those who use the hall's code, their number and PIN
LATE = "017"  # comes, and is too late to vote
CHIEF, TELLER = PHONES[0], PHONES[1]
NO_SCRIPT, DOUBLE_TAP, CHANGES_MIND, TOO_MANY, TWO_PHONES = PHONES[5:10]
LOST_CARD = PHONES[4]


@dataclass
class Year:
    """What people have in hand as the year goes on."""

    site: str
    meet: Any
    desk: Path  # a folder for files
    people: dict[str, Person] = field(default_factory=dict)
    cards: dict[str, str] = field(default_factory=dict)  # number → address in the QR
    pins: dict[str, str] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    session: str = ""  # addresses
    round: str = ""
    hall: str = ""

    def __getitem__(self, who: str) -> Person:
        return self.people[who]

    def at_desk(self, who: str) -> Person:
        self.people[who] = self.meet(self.site, DESK)
        return self.people[who]

    def new_account(self, by: str, who: str, **fields: Any) -> None:
        """Create an account on the open form, and sign in for the first time with the password shown once."""
        clerk = self[by]
        clerk.fill(username=who, name=f"{who}（示例）", **fields)
        clerk.press("设立账号")
        username, initial = clerk.page.locator(".secret").all_inner_texts()
        assert username == who
        self.at_desk(who).begin(who, initial, PASSWORD)


@pytest.mark.slow
def test_a_whole_year(empty_site, meet, tmp_path):
    year = Year(empty_site.url, meet, tmp_path)
    set_up_the_bodies(year, empty_site.admin_password)
    bring_the_roster(year)
    enter_the_candidates(year)
    review_and_list(year)
    prepare_the_session(year)
    print_the_cards(year)
    sign_in_to_the_hall(year)
    check_the_empty_box_and_open(year)
    vote(year)
    close_and_sign(year)
    announce(year)
    open_the_papers(year)
    recount(year)
    report_progress(year)
    look_from_outside(year)
    stay_in_ones_own_body(year)


# --- before the congress -----------------------------------------------------------------------------------


def set_up_the_bodies(year: Year, initial: str) -> None:
    passer_by = year.at_desk("nobody")
    passer_by.open("/")
    passer_by.reads("还没有设立人大机构")

    root = year.at_desk("root")
    assert root.sign_in("root", "wrong-horse7") == 422
    root.reads("用户名或密码不正确")
    assert root.value("username") == "root"
    root.begin("root", initial, PASSWORD)
    root.open("/office/bodies/")
    root.follow("设立人大机构")
    root.fill(kind="county", name="示例县人民代表大会", place="示例县", code="shili")
    root.press("设立")
    root.reads("已设立：示例县人民代表大会")
    year.new_account("root", "office", roles="office")
    root.open("/office/bodies/new")
    root.fill(
        kind="township", parent_id="示例县", name="示例镇人民代表大会", place="示例镇", code="shilizhen"
    )
    root.press("设立")
    year.new_account("root", "town-office", roles="office")

    office = year["office"]
    office.reads("示例县人民代表大会")
    office.open("/office/departments/new")
    office.fill(name=UNIT, head="局长（示例）", contact="0100-1234567")
    office.press("保存")
    office.reads(f"已新增责任单位：{UNIT}")
    office.open("/office/users/new")
    year.new_account("office", "government", roles="government")
    office.open("/office/users/new")
    year.new_account("office", "unit-staff", roles="department", department_id=UNIT)


def bring_the_roster(year: Year) -> None:
    office, rows = year["office"], books.roster_rows()

    def upload(path: Path) -> int:
        office.open("/office/roster/import")
        office.fill(file=path)
        return office.press("上传并预览")

    text = year.desk / "名册.xlsx"
    text.write_text("这不是工作簿", encoding="utf-8")
    assert upload(text) == 422
    office.reads("这不是 Excel 文件（.xlsx），只改扩展名不行。请另存为 .xlsx 后重新上传。")

    renamed = [cell if cell != "代表团" else "所属团" for cell in books.ROSTER_HEAD]
    assert upload(books.save(year.desk / "缺列.xlsx", "名册", [renamed, *rows])) == 422
    office.reads("缺少这些列：代表团。请对照模板补上后重新上传，未做任何改动。")

    twice = [*rows, [*rows[2][:1], "另一人", *rows[2][2:]]]
    assert upload(books.save(year.desk / "重号.xlsx", "名册", [books.ROSTER_HEAD, *twice])) == 200
    office.reads("有 2 行不能导入，全部没有导入", "代表证号“003”重复，第 26 行也是这个号。")
    assert office.page.get_by_role("button", name="确认导入").count() == 0

    office.open("/office/roster/")
    office.reads("名册里还没有代表")
    assert upload(books.save(year.desk / "名册.xlsx", "名册", [books.ROSTER_HEAD, *rows])) == 200
    office.reads("新增（24 人）", "王䶮", "张𬍛", "陈𫖯", "赵敏", "13900000001", "1980-09", "土家族")
    office.press("确认导入")
    office.reads("名册已导入：新增 24 人，修改 0 人", "共 24 人")
    office.fill(q="ZJG")
    office.press("筛选")
    office.reads("符合条件的代表 1 人", "周建国")


def enter_the_candidates(year: Year) -> None:
    government = year["government"]
    row = dict(zip(books.PROJECT_HEAD, books.project_row(0, YEAR, UNIT), strict=True))
    form = {
        "name": row["项目名称"],
        "year": YEAR,
        "category": row["类别"],
        "kind": "works",
        "content": row["建设内容和规模"],
        "target": row["年度目标"],
        "location": row["建设地点"],
        "benefit_scope": row["受益范围"],
        "beneficiaries": row["受益人数"],
        "due_on": f"{YEAR}-12-20",
        "total_investment": "三百万",
        "year_investment": "300",
        "funding__0__source": "县财政",
        "funding__0__amount": "300",
        "department_id": UNIT,
        "leader": "副县长（示例）",
    }
    government.open("/office/projects/new")
    government.fill(**form)
    assert government.press("保存", within=".save-bar") == 422
    government.reads("“三百万”不是金额，请填写数字，单位万元，例如 860.00。")
    assert government.value("content") == row["建设内容和规模"]
    government.fill(total_investment="300")
    assert government.press("保存", within=".save-bar") == 200
    government.reads("已保存为草稿", "300.00 万元")
    assert government.press("提交审议") == 200

    others = [books.project_row(place, YEAR, UNIT) for place in range(1, 6)]
    due = books.PROJECT_HEAD.index("完成时限")
    wrong = [list(others[0]), *others[1:]]
    wrong[0][due] = f"{YEAR}年2月30日"
    government.open("/office/projects/import")
    government.fill(year=YEAR, file=books.save(year.desk / "项目.xlsx", "项目", [books.PROJECT_HEAD, *wrong]))
    government.press("上传并预览")
    government.reads(
        "有 1 行不能导入，全部没有导入", f"完成时限：“{YEAR}年2月30日”不是日历上的日期，请核对。"
    )
    assert government.page.get_by_role("button", name="确认导入").count() == 0
    government.open("/office/projects/import")
    government.fill(
        year=YEAR, file=books.save(year.desk / "项目.xlsx", "项目", [books.PROJECT_HEAD, *others])
    )
    government.press("上传并预览")
    government.reads("新增 5 项", "修改 0 项")
    government.press("确认导入")
    government.reads("已导入：新增 5 项，修改 0 项", f"{YEAR}年项目 6 项")

    government.follow(books.PROJECT_NAMES[5])
    government.follow("附件和图片")
    government.fill(files=books.huge_photo(year.desk / "全景.jpg"))
    assert government.press("上传") == 413
    government.reads("“全景.jpg”太大：有 20.0 MB，图片最大 15 MB。", "没有保存任何文件。")

    for name in books.PROJECT_NAMES[1:]:
        government.open("/office/projects/?state=draft")
        government.follow(name)
        assert government.press("提交审议") == 200
    government.open("/office/projects/")
    government.reads("6 个项目待政府常务会议审议")


def review_and_list(year: Year) -> None:
    government, office = year["government"], year["office"]
    for who, gate, number in (
        (government, "政府常务会议", f"示例府常〔{YEAR}〕1号"),
        (government, "县委常委会会议", f"示例委〔{YEAR}〕1号"),
        (office, "县人大常委会会议", f"示例人常〔{YEAR}〕1号"),
    ):
        who.open("/office/projects/review")
        who.reads(gate)
        assert who.press("记录勾选的项目通过") == 422
        who.reads("请填写会议日期。")
        who.fill(decided_on=TODAY.isoformat(), document_number=number, opinion="同意。")
        assert who.press("记录勾选的项目通过") == 200
        who.reads(f"{gate}：已记录 6 个项目通过")

    office.follow("确认票决名单")
    office.fill(decided_on=TODAY.isoformat(), document_number=f"示例人主〔{YEAR}〕1号")
    assert office.press("确认票决名单") == 200
    office.reads("票决名单已确认，共 6 项")

    government.open("/office/projects/?state=listed")
    government.follow(books.PROJECT_NAMES[0])
    government.reads(
        "名单确认后不能再修改。", "政府常务会议", f"示例府常〔{YEAR}〕1号", f"示例人常〔{YEAR}〕1号"
    )
    assert government.open(f"{government.page.url}/edit") == 403
    government.reads("没有权限")


def prepare_the_session(year: Year) -> None:
    office = year["office"]
    office.open("/office/sessions/new")
    office.fill(
        title="第一届人民代表大会第一次会议",
        year=YEAR,
        place="示例会堂",
        starts_on=TODAY.isoformat(),
        ends_on=(TODAY - timedelta(days=1)).isoformat(),
    )
    assert office.press("保存") == 422
    office.reads("闭会日期不能早于开会日期。")
    assert office.value("place") == "示例会堂"
    office.fill(ends_on=TODAY.isoformat())
    assert office.press("保存") == 200
    year.session = office.page.url
    office.reads("会议已建立", f"{YEAR}年候选名单（6 项待票决）")

    office.follow("设立票决", within="main section")
    office.fill(seats=SEATS, disclosure="公布回执码与选票内容", publish="公布项目名称和票数", small_body=10)
    assert office.press("保存") == 200
    office.reads("票决已设立", f"应选 {SEATS} 项", "还不能开启")
    year.round = office.page.url

    office.open(f"{year.session}/tellers")
    for role, number in (("总监票人", CHIEF), ("监票人", TELLER)):
        office.page.get_by_label("职责").select_option(label=role)
        office.fill(deputy_id=f"（{number}）")
        assert office.press("添加") == 200
    office.reads("总监票人 王䶮 001", "监票人 李㛃 002")


def print_the_cards(year: Year) -> None:
    office = year["office"]
    office.open(f"{year.session}/cards")
    office.press("发放 24 张凭证")
    office.reads("已发放 24 张凭证")
    read_cards(year, office.download("打印全部（PDF）", year.desk))
    assert sorted(year.cards) == [f"{n:03d}" for n in range(1, 25)]
    assert len(set(year.cards.values())) == 24

    lost = year.cards[LOST_CARD]
    row = office.page.get_by_role("row", name=f" {LOST_CARD} ")
    office.go(row.get_by_role("link", name="作废并补发"))
    assert office.press("作废并补发") == 422
    office.reads("请填写原因")
    office.fill(reason="遗失")
    assert office.press("作废并补发") == 200
    with office.page.expect_download() as coming:  # the newest act stands first
        office.page.locator("[data-batch]").first.get_by_role("button", name="打印全部（PDF）").click()
    coming.value.save_as(year.desk / "补发.pdf")
    read_cards(year, year.desk / "补发.pdf")
    assert year.cards[LOST_CARD] != lost

    finder = year.meet(year.site)
    assert finder.open(lost) == 410
    finder.reads("这张凭证已经作废（可能已补发新的凭证）。请使用新凭证，或到会场服务台。")
    forged = f"{year.site}/c/{'A' * 22}"
    assert finder.open(forged) == 404
    finder.reads("这个二维码不是本系统发出的凭证。请核对是否扫错；如仍不行，请到会场服务台。")


def read_cards(year: Year, pdf: Path) -> None:
    """Cut the sheets along their marks, scan each card as a phone would, read numbers and PINs as their owners would."""
    paper = year.desk / f"{pdf.stem}-sheets"
    paper.mkdir()
    cut = [
        sheet.crop(tuple(round(mm / 210 * sheet.width) for mm in (x, y, x + 95, y + 68)))
        for sheet in pdf_pages(pdf.read_bytes(), paper, dpi=150)
        for y in (12.5, 80.5, 148.5, 216.5)
        for x in (10, 105)
    ]
    addresses = [address for card in cut for address in decode(card, paper)]
    for address in addresses:
        assert address.startswith(f"{year.site}/c/")
        page = year["nobody"].context.request.get(address)
        number = re.search(r"证号 (\d+)", page.text())
        assert number
        year.cards[number[1]] = address
    pins = re.findall(r"代表证号\s*(\d+)\s*口令\s*(\d{8})", run("pdftotext", "-raw", str(pdf), "-").decode())
    assert len(pins) == len(addresses)
    year.pins.update(pins)


# --- in the hall ---------------------------------------------------------------------------------------------


def sign_in_to_the_hall(year: Year) -> None:
    office = year["office"]
    early = year.meet(year.site)
    early.open(year.cards[CHIEF])
    early.press("进入")
    early.reads("会议还没有开始")

    office.open(year.session)
    office.follow("会场大屏")
    screen_address = office.page.locator(
        "main .address a"
    ).first.inner_text()  # as it is typed on the hall's PC
    office.open(year.session)
    office.press("开始会议")
    office.reads("会议已开始，可以签到", "还差 16 人")
    screen = year.people["screen"] = year.meet(year.site, HALL)
    assert screen.open(screen_address) == 200
    screen.reads("扫码签到", "应到 24 人", "还差 16 人")
    shown = Image.open(BytesIO(screen.page.locator(".qr img").screenshot()))
    (year.hall,) = decode(shown, year.desk)

    for number in PHONES:
        phone = year.people[number] = year.meet(year.site, java_script_enabled=number != NO_SCRIPT)
        assert phone.open(year.cards[number]) == 200
        phone.reads(f"证号 {number}")
        assert phone.press("进入") == 200
        if number == CHIEF:
            phone.fill(code="12345")
            assert phone.press("签到") == 422
            phone.reads("签到码不正确或已更换。请看会场屏幕上现在的六位数字，重新输入。")
        phone.fill(code=screen.page.locator("[data-key=hall_code]").inner_text())
        assert phone.press("签到") == 200
        phone.reads("签到成功", "还没有开始投票")

    office.open(year.round)
    office.reads("还不能开启")
    assert office.page.locator("summary", has_text="开启投票").count() == 0

    office.open(f"{year.session}/desk")
    for asked, number in (("HYH", "013"), ("014", "014")):  # 胡永红 by initials, then a number
        office.fill(q=asked)
        office.press("查找")
        office.press("签到", within=f"tr:has-text('{number}')")
        office.reads("已签到")
    office.open(f"{year.session}/desk?state=absent")
    for number in ("011", "012", "015", "016", LATE):
        office.press("签到", within=f"tr:has-text('{number}')")
    office.reads("实到 17 人", "法定人数 16 人 已达到", "共 7 人")
    screen.sees("[data-key=present]", "17")
    screen.sees("#quorum-word", "已达到")


def sign_the_list_of_tellers(year: Year) -> None:
    """Pass the list, set and confirm the tellers' secrets on their phones, and keep the list signed by hand."""
    office, session_id = year["office"], int(year.session.rpartition("/")[2])
    office.open(f"{year.session}/tellers")
    assert office.press("登记通过") == 200
    names = {CHIEF: "王䶮", TELLER: "李㛃"}
    codes = {number: set_secret(year[number], session_id) for number in names}
    for number, other in ((CHIEF, TELLER), (TELLER, CHIEF)):
        assert confirm_code(year[number], session_id, names[other], codes[other]) == 200
    office.open(f"{year.session}/tellers")
    for name, code in zip(names.values(), codes.values(), strict=True):
        office.reads(name, code)
    office.download("打印名单（PDF）", year.desk)
    (printed,) = year.desk.glob("监票人名单*.pdf")
    office.page.set_input_files("[name=scan]", printed)
    assert office.press("上传") == 200
    office.reads("已留存")


def check_the_empty_box_and_open(year: Year) -> None:
    office, teller = year["office"], year[TELLER]
    sign_the_list_of_tellers(year)
    office.open(year.round)
    office.reads("还不能开启：", "零票确认由监票人在自己的手机上办理")
    teller.open("/hall/")
    teller.follow("监票")
    teller.follow("打开")
    teller.reads("票箱里有 0 张票")
    teller.press("确认票箱为空")
    teller.reads("已确认票箱为空")
    assert year[PHONES[3]].open("/teller/") == 403  # no teller

    office.open(year.round)
    office.confirm("开启投票")
    office.reads("投票已开启，票决办法和名册已冻结", "发出 17 票", "收回 0 票")
    year["screen"].page.wait_for_selector("main.view-voting")


def choose(phone: Person, wishes: set[int]) -> None:
    """Set the marks of the ballot that is open to exactly these numbers."""
    ticks = phone.page.locator(".pick [value=for]")
    for name, ticked in ticks.evaluate_all("all => all.map(one => [one.name, one.checked])"):
        if ticked != (int(name[1:]) in wishes):
            phone.page.locator(f".pick:has([name={name}])").tap()


def go_and_choose(phone: Person, wishes: set[int]) -> int:
    phone.open("/hall/")
    phone.follow("去投票")
    choose(phone, wishes)
    return phone.press("核对选票")


def receipt(phone: Person) -> str:
    phone.reads("已收到", "您的选票已在票箱内。")
    return phone.page.locator(".code").inner_text().replace(" ", "")


def take_over(phone: Person, year: Year, number: str) -> None:
    """Open a card that belongs to another browser, and take it over with the PIN that is printed on it."""
    phone.open(year.cards[number])
    phone.reads("要改用本机，请输入凭证上的口令")
    phone.fill(pin=year.pins[number])
    assert phone.press("改用本机") == 200


def vote(year: Year) -> None:
    wishes = dict(zip(PHONES + BY_PIN, WISHES, strict=True))

    second = year.meet(year.site)  # another phone with the same card; its ballot waits at the last step
    take_over(second, year, TWO_PHONES)
    go_and_choose(second, {5, 6})
    assert year[TWO_PHONES].open("/hall/") == 401
    year[TWO_PHONES].reads("这张凭证已改在另一部手机（或者另一个浏览器）上使用，本机已经退出。")
    take_over(year[TWO_PHONES], year, TWO_PHONES)
    late = year.people[LATE] = year.meet(year.site)
    late.open(year.cards[LATE])
    late.press("进入")
    go_and_choose(late, {1})

    for number in PHONES:
        phone, wish = year[number], wishes[number]
        if number == TOO_MANY:
            assert go_and_choose(phone, {1, 2, 3, 4, 6}) == 200
            phone.reads("您已选 5 项，最多可选 4 项。请取消 1 项后再提交，您的选择仍在。")
            assert phone.page.locator(".pick [value=for]:checked").count() == 5
            choose(phone, wish)
            phone.press("核对选票")
        elif number == CHANGES_MIND:
            go_and_choose(phone, {5, 6})
            phone.press("返回修改")
            assert phone.page.locator(".pick [value=for]:checked").count() == 2
            choose(phone, wish)
            phone.press("核对选票")
        else:
            assert go_and_choose(phone, wish) == 200
        phone.reads("请核对您的选择", f"选择 {len(wish)} 项", *(books.PROJECT_NAMES[n - 1] for n in wish))
        assert phone.press("提交选票", times=2 if number == DOUBLE_TAP else 1) == 200
        year.receipts[number] = receipt(phone)

    assert second.press("提交选票") == 401
    second.reads("本机已经退出")
    assert second.open(year.cards[TWO_PHONES]) == 409
    second.reads("这张凭证已经投过票。如果不是您本人投的，请立即告诉监票人。")
    vote_by_pin(year, wishes)

    assert len(set(year.receipts.values())) == 16
    screen, office = year["screen"], year["office"]
    screen.sees("[data-key^=returned]", "16")
    screen.reads("投票进行中", "实到 17 人", "发出 17 票")
    office.open(year.round)
    office.reads("收回 16 票")
    office.follow("未投名单")
    office.reads("已签到而未投票 1 人", LATE)


def vote_by_pin(year: Year, wishes: dict[str, set[int]]) -> None:
    """One phone goes round among those who have none of their own or left the card's QR at home."""
    lent = year.meet(year.site)
    for number in BY_PIN:
        lent.open(year.hall)
        if number == BY_PIN[0]:
            lent.fill(number=number, pin="000000")
            assert lent.press("登录") == 422
            lent.reads("代表证号或口令不正确")
        lent.fill(number=number, pin=year.pins[number])
        assert lent.press("登录") == 200
        lent.reads("已签到")
        go_and_choose(lent, wishes[number])
        if not wishes[number]:
            lent.reads("您没有作出任何选择。", "这样提交是一张有效票，对全部项目视为弃权。")
        assert lent.press("提交选票") == 200
        year.receipts[number] = receipt(lent)
        lent.open("/hall/")
        lent.press("退出")


def close_and_sign(year: Year) -> None:
    office, screen, late = year["office"], year["screen"], year[LATE]
    office.open(year.round)
    office.confirm("关闭票箱")
    office.reads("票箱已关闭，不再收票")
    # the server replaces its processes before it counts; the page refreshes itself meanwhile
    office.page.get_by_text("等待签字").first.wait_for(timeout=300_000)
    office.reads("收回 16 票")

    assert late.press("提交选票") == 409
    late.reads("投票已经结束")
    late.open("/hall/")
    late.reads("投票已结束。")

    screen.page.wait_for_selector("main.view-counted")
    screen.reads("计票完毕，等待签字确认", "收回 16 票")
    papers = ("sheet.pdf", "sheet.docx", "announcement.pdf", "results.xlsx", "record.json")

    def hidden() -> None:
        office.open(year.round)
        assert office.page.locator("h2", has_text="结果").count() == 0
        assert "占有效票" not in office.words
        for paper in papers:
            assert office.context.request.get(f"{year.round}/{paper}").status == 403
        state = office.context.request.get(f"{screen.page.url}/state.json").json()
        assert state["view"] == "counted"
        assert "result" not in state

    hidden()
    for number in (CHIEF, TELLER):
        phone = year[number]
        phone.open("/teller/")
        phone.follow("打开")
        phone.reads("发出 收回", "17 票 16 票（收回不多于发出，投票有效）")
        phone.press("签字确认")
        phone.reads("签字回执", "所签结果摘要")
        if number == CHIEF:
            assert "赞成" not in phone.words
            hidden()
    year[TELLER].reads("有效 16 票，无效 0 票")
    screen.page.wait_for_selector("main.view-result")
    expected = counts()
    for number, votes in expected.items():
        screen.reads(f"{number} {books.PROJECT_NAMES[number - 1]} {votes} 票")
    screen.reads("有效 16 无效 0")
    assert screen.page.locator("li.selected").count() == SEATS


def counts() -> dict[int, int]:
    """Votes for each project, counted by hand."""
    votes = Counter(number for wish in WISHES for number in wish)
    return {number: votes[number] for number in range(1, 7)}


# --- after the vote --------------------------------------------------------------------------------------------


def announce(year: Year) -> None:
    office = year["office"]
    office.open(year.round)
    office.follow("发布公告")
    office.fill(number=1, announced_on=(TODAY - timedelta(days=3)).isoformat())
    assert office.press("发布公告") == 422
    office.reads("公告日期不能早于会议开始日期。")
    office.fill(announced_on=TODAY.isoformat())
    assert office.press("发布公告") == 200
    office.reads("公告已发布，选定的项目已转入进度跟踪")


def open_the_papers(year: Year) -> None:
    """Expect the figures on every document to be those of the record, and these to be those counted by hand."""
    office = year["office"]
    record = json.loads(office.download("票决记录（JSON）", year.desk).read_text("utf-8"))
    assert {row["no"]: row["for"] for row in record["result"]["counts"]} == counts()
    assert record["result"]["selected"] == [1, 2, 3, 4]
    assert record["turnout"] == {"roster": 24, "present": 17, "issued": 17, "returned": 16}
    assert {ballot["code"] for ballot in record["ballots"]} == set(year.receipts.values())
    names = {candidate["no"]: candidate["name"] for candidate in record["candidates"]}
    rows = [
        (row["no"], names[row["no"]], row["for"], row["abstain"], row["outcome"] == "selected")
        for row in record["result"]["counts"]
    ]

    book = openpyxl.load_workbook(office.download("结果（Excel）", year.desk))
    cells = list(book.worksheets[0].iter_rows(values_only=True))
    head = next(i for i, row in enumerate(cells) if row[0] == "序号")
    columns = {word: place for place, word in enumerate(cells[head])}
    assert [
        (
            *(row[columns[word]] for word in ("序号", "项目名称", "赞成", "弃权")),
            row[columns["结果"]] == "入选",
        )
        for row in cells[head + 1 : head + 7]
    ] == rows

    sheet_docx = docx.Document(str(office.download("计票报告单（Word）", year.desk)))
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in sheet_docx.tables]
    table = next(table for table in tables if table[0][0] == "序号")
    place = {word: i for i, word in enumerate(table[0])}
    assert [
        (
            int(row[place["序号"]]),
            row[place["项目名称"]],
            int(row[place["赞成"]]),
            int(row[place["弃权"]]),
            row[-1] == "入选",
        )
        for row in table[1:]
    ] == rows

    sheet_pdf = pdf_text(office.download("计票报告单（PDF）", year.desk).read_bytes())
    for digest in record["digests"].values():
        assert digest in sheet_pdf
    announced = pdf_text(office.download("公告（PDF）", year.desk).read_bytes())
    written = docx.Document(str(office.download("公告（Word）", year.desk)))
    assert [[cell.text for cell in row.cells] for row in written.tables[0].rows][1:] == [
        [str(no), name, str(votes)] for no, name, votes, _, selected in rows if selected
    ]
    for no, name, votes, _, selected in rows:
        line = re.search(rf"{no}{name}(\d+)", sheet_pdf)
        assert line
        assert line[1].startswith(str(votes))
        assert (name in announced, f"{no}{name}{votes}" in announced) == (selected, selected)


def recount(year: Year) -> None:
    """Let a citizen check the published record, and a deputy find their receipt in it."""
    citizen = year.people["citizen"] = year.meet(year.site)
    citizen.open("/")
    citizen.page.get_by_text("菜单").click()
    citizen.follow("票决公告")
    citizen.follow("示例县人民代表大会主席团公告（第1号）")
    citizen.reads(*books.PROJECT_NAMES[:SEATS])
    record = citizen.download("票决记录", year.desk)
    program = citizen.download("核对程序", year.desk)

    def check() -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, program, record], capture_output=True, text=True, cwd=year.desk, timeout=60
        )
        return done.returncode, done.stdout

    status, said = check()
    assert (status, said.splitlines()[-1]) == (0, "结论：一致")

    content = json.loads(record.read_text("utf-8"))
    published = json.loads(year["office"].context.request.get(f"{year.round}/record.json").text())
    assert content == published
    phone = year[NO_SCRIPT]
    phone.open("/hall/")
    phone.follow("查看回执")
    (mine,) = [b for b in content["ballots"] if b["code"] == receipt(phone)]
    wish = WISHES[PHONES.index(NO_SCRIPT)]
    assert mine["marks"] == {str(number): "for" for number in wish}

    mine["marks"]["6"] = mine["marks"].pop("4")
    record.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    status, said = check()
    assert status == 1
    assert "结论：不一致" in said


def report_progress(year: Year) -> None:
    staff = year["unit-staff"]
    staff.open("/office/progress/")
    staff.reads(f"{YEAR}年项目 4 项")
    staff.follow(books.PROJECT_NAMES[0])
    staff.follow("报送月报", within=".page-acts")
    staff.fill(
        percent=130,
        money_in_place="150",
        money_paid="40",
        narrative="完成勘测设计和施工招标，一标段路基开挖 1.2 公里。",
        next_step="完成一标段路基。",
        problems="材料价格上涨。",
        files=books.huge_photo(year.desk / "工地.jpg"),
        caption="一标段路基",
    )
    assert staff.press("报送月报") == 422
    staff.reads("形象进度应在 0 至 100 之间")
    staff.fill(percent=8, files=books.huge_photo(year.desk / "工地.jpg"))
    assert staff.press("报送月报") in (413, 422)
    staff.reads("“工地.jpg”太大：有 20.0 MB，图片最大 15 MB。")
    assert staff.value("narrative").startswith("完成勘测设计和施工招标")
    staff.fill(files=books.photo(year.desk / "工地.jpg"))
    assert staff.press("报送月报") == 200
    staff.reads("月报已报送", "8%", "材料价格上涨")


def look_from_outside(year: Year) -> None:
    visitor = year.meet(year.site)
    visitor.open("/")
    visitor.reads(f"示例县{YEAR}年民生实事项目", "全部项目 4 项", *books.PROJECT_NAMES[:SEATS])
    assert books.PROJECT_NAMES[5] not in visitor.words
    visitor.follow(books.PROJECT_NAMES[0])
    visitor.reads("正常", "形象进度 8%", "一标段路基开挖 1.2 公里", "一标段路基")
    assert "材料价格上涨" not in visitor.words  # for the house only
    picture = visitor.page.get_by_role("img", name="一标段路基", exact=True)
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("i => i.decode().then(() => i.naturalWidth)") == 480
    large = visitor.page.locator(".photos a").first.get_attribute("href") or ""
    kept = year.desk / "公开.jpg"
    kept.write_bytes(visitor.context.request.get(large).body())
    with Image.open(kept) as image:
        assert image.size == (1600, 1200)
        assert dict(image.getexif()) == {}  # where it was taken is nobody's business
    visitor.reads("第一届人民代表大会第一次会议票决选定")
    visitor.follow("查看主席团公告（第1号）")
    visitor.reads("主席团", "自己核对计票结果", *books.PROJECT_NAMES[:SEATS])


def stay_in_ones_own_body(year: Year) -> None:
    stranger, office = year["town-office"], year["office"]
    office.open("/office/progress/")
    tracked = office.page.get_by_role("link", name=books.PROJECT_NAMES[0], exact=True).get_attribute("href")
    for address in (year.session, year.round, f"{year.round}/record.json", tracked, f"{year.session}/cards"):
        assert stranger.open(address or "") == 404
        stranger.reads("这里没有您要找的内容：地址可能有误，或者它不属于您所在的人民代表大会。")
    stranger.open("/office/roster/")
    stranger.reads("名册里还没有代表")
