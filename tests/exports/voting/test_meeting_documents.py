"""The papers of the day: their words, their blanks, and that Word and PDF say the same."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import docx
import pytest
from hypothesis import given, strategies as st

from tests.exports.tools import RARE, pdf_text
from tests.exports.voting.sheets import SHEET as COUNTED, Rated, Row, changed
from votes.exports.formats.layout import Break, Paper, Signatures, Table, Text, to_docx, to_html, to_pdf
from votes.exports.voting import before_vote, lists
from votes.exports.voting.blanks import BlankBallot, sheets
from votes.exports.voting.day import BLANK as RULED, DayData, DayTeller, ShowOfHands, chinese_number
from votes.exports.voting.report import result_report
from votes.exports.voting.script import script
from votes.exports.voting.sheet import SignatureLine
from votes.rules.meeting.rule import Rule
from votes.rules.people import organs
from votes.rules.people.organs import COUNTY
from votes.rules.people.roles import BodyKind
from votes.rules.voting.ballots import BallotLine, Source

RULE = Rule(seats=2, publish="names+votes", disclosure="codes")
DAY = DayData(
    body="示例县人民代表大会",
    session="第十八届人民代表大会第五次会议",
    title="2027年民生实事项目票决",
    held_on=date(2027, 1, 20),
    rule=RULE,
    candidates=[
        BallotLine(1, "农村饮水", "管网改造", "860.00万元"),
        BallotLine(2, f"老旧小区{RARE}"),
        BallotLine(3, "危桥改造"),
    ],
    roster=180,
    present=171,
    leave=6,
    issued=171,
    returned=170,
    tellers=[DayTeller("张示例", chief=True), DayTeller("李示例"), DayTeller("王示例")],
    digests=[("票决办法", "a" * 64), ("名册", "b" * 64), ("票箱", "c" * 64)],
    software="民生票决 0.1.0",
)
BLANK = BlankBallot(
    session=DAY.full_session,
    title=DAY.title,
    method="choose",
    seats=2,
    lines=DAY.candidates,
    marks=dict(RULE.marks),
    date="2027年1月15日",
)
ROWS = [
    Row(1, "农村饮水", 160, 0, 10, "selected"),
    Row(2, f"老旧小区{RARE}", 120, 0, 50, "not_selected"),
    Row(3, "危桥改造", 155, 0, 15, "selected"),
]
SHEET = changed(
    COUNTED,
    held_on=DAY.held_on,
    rows=ROWS,
    publish="names+votes",
    signatures=[SignatureLine("总监票人", "张示例"), SignatureLine("监票人", "李示例")],
)
SLIPS = [lists.BallotSlip({1: "for", 3: "for"}), lists.BallotSlip({}), lists.BallotSlip({}, spoilt=True)]
LINES = [
    lists.AttendanceLine("001", "张示例", "第一代表团", True, True),
    lists.AttendanceLine("002", "李示例", "第一代表团", True, False, late=True),
    lists.AttendanceLine("003", "王示例", "第二代表团", False, False),
]
GROUPS = [("第一代表团", [("001", "张示例"), ("002", "李示例")]), ("第二代表团", [("003", f"王{RARE}")])]

ALL = {
    "method": before_vote.method(DAY),
    "sample": before_vote.sample(DAY, BLANK),
    "script": script(replace(DAY, sheet=SHEET)),
    "signing_in": lists.signing_in(DAY, GROUPS),
    "report": result_report(DAY, SHEET),
    "attendance": lists.attendance(DAY, LINES),
    "slips": lists.slips(DAY, SLIPS),
}


def texts(paper: Paper) -> list[str]:
    return [block.text for block in paper.blocks if isinstance(block, Text)]


def table(paper: Paper) -> Table:
    return next(block for block in paper.blocks if isinstance(block, Table))


def words_of_docx(paper: Paper) -> str:
    document = docx.Document(BytesIO(to_docx(paper)))
    found = [paragraph.text for paragraph in document.paragraphs]
    found += [cell.text for t in document.tables for row in t.rows for cell in row.cells]
    return "".join("".join(found).split())


def said(paper: Paper) -> list[str]:
    """Every piece of text of a paper, without blanks."""
    found = [paper.title, paper.subtitle, paper.number, *texts(paper)]
    for block in paper.blocks:
        if isinstance(block, Table):
            found += [block.caption, *block.heads, *(cell for row in block.rows for cell in row)]
        if isinstance(block, Signatures):
            found += [role for role, _, _ in block.lines]
    found += [value for _, value in paper.foot]
    return [piece for each in found if (piece := "".join(each.split()))]


@pytest.mark.parametrize("name", ALL)
def test_word_pdf_and_page_say_the_same(name):
    paper = ALL[name]
    word, page = words_of_docx(paper), "".join(to_html(paper).split())
    pdf = pdf_text(to_pdf(paper))
    for piece in said(paper):
        assert piece in word
        assert piece in page
        # a long sentence is broken by page numbers: its beginning is enough
        assert piece[:12] in pdf


@pytest.mark.parametrize("name", ALL)
def test_a_rehearsal_says_so_on_every_paper(name):
    make = {
        "method": before_vote.method,
        "sample": lambda day: before_vote.sample(day, replace(BLANK, rehearsal=True)),
        "script": script,
        "signing_in": lambda day: lists.signing_in(day, GROUPS),
        "report": lambda day: result_report(day, SHEET),
        "attendance": lambda day: lists.attendance(day, LINES),
        "slips": lambda day: lists.slips(day, SLIPS),
    }[name]
    paper = make(replace(DAY, rehearsal=True))
    assert paper.behind == "演练"
    assert "演练材料，不具效力" in pdf_text(to_pdf(paper))


# --- 票决办法 ----------------------------------------------------------------------------------------------


def test_the_method_has_articles_in_order_with_the_figures():
    found = texts(ALL["method"])
    assert [line.split("　")[0] for line in found] == [
        f"第{chinese_number(n)}条" for n in range(1, len(found) + 1)
    ]
    whole = "".join(found)
    for sentence in (
        "根据《中华人民共和国地方各级人民代表大会和地方各级人民政府组织法》",
        "候选项目3项，应选2项，差额1项",
        "应到180人，须实到120人以上",
        "须得赞成票91张以上",
        "第1项“农村饮水”",
        "票决记录公开全部回执码",
    ):
        assert sentence in whole
    assert ALL["method"].number == "（草案，提请大会全体会议通过）"


@pytest.mark.parametrize(
    ("kind", "presider", "law"),
    [
        (BodyKind.COUNTY, "由主席团主持", True),
        (BodyKind.COMMITTEE, "由主任会议主持", True),
        (BodyKind.STREET, "由人大街道工委主持", False),
    ],
)
def test_the_method_speaks_of_the_organ(kind, presider, law):
    whole = "".join(texts(before_vote.method(replace(DAY, organ=organs.of(kind)))))
    assert presider in whole
    assert ("组织法" in whole) == law


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"paper": "keyed"}, "投票可以使用手机，也可以使用纸质票"),
        ({}, "投票使用手机进行"),
        ({"tie": "presidium"}, "由主席团决定"),
        ({"shortfall": "further"}, "另行票决"),
        ({"disclosure": "none"}, "票决记录不公开回执码"),
        ({"method": "rating", "seats": 0}, "计算等次以应到180人为基数"),
    ],
)
def test_the_method_follows_the_rule(rule, sentence):
    day = replace(DAY, rule=Rule(**{"seats": 2, **rule}))
    assert sentence in "".join(texts(before_vote.method(day)))


@given(st.integers(1, 99))
def test_chinese_numbers(number):
    figures = {sign: value for value, sign in enumerate("零一二三四五六七八九")}
    tens, ten, ones = chinese_number(number).rpartition("十")
    read = (figures[tens] if tens else 1) * 10 if ten else 0
    assert read + (figures[ones] if ones else 0) == number


# --- 主持词 ------------------------------------------------------------------------------------------------


def test_the_script_has_its_steps_in_order():
    headings = [b.text for b in ALL["script"].blocks if isinstance(b, Text) and b.strong]
    assert headings == [
        "一、清点人数", "二、通过票决办法", "三、通过监票人名单", "四、检查票箱", "五、发票", "六、投票", "七、计票",
        "八、宣布结果",
    ]  # fmt: skip


def test_the_script_is_filled_with_what_is_known():
    passed = {"method": ShowOfHands(170, 0, 1, True)}
    whole = "".join(texts(script(replace(DAY, sheet=SHEET, passed=passed))))
    for sentence in (
        "应到代表180人，实到171人，请假6人，达到法定人数（120人）",
        "赞成170人，反对0人，弃权1人。票决办法通过。",
        "提名张示例为总监票人，李示例、王示例为监票人",
        "发出选票171张，收回170张。收回的票少于发出的票，本次投票有效。",
        "确定第1项“农村饮水”、第3项“危桥改造”，共2个项目为民生实事项目",
    ):
        assert sentence in whole
    assert f"监票人名单{RULED}" in whole


def test_the_script_has_blanks_for_what_is_not_known():
    day = replace(DAY, roster=None, present=None, leave=None, issued=None, returned=None, tellers=())
    whole = "".join(texts(script(day)))
    blank = RULED
    for sentence in (
        f"应到代表{blank}人，实到{blank}人",
        f"提名{blank}为总监票人，{blank}为监票人",
        f"发出选票{blank}张，收回{blank}张",
        f"确定{blank}",
    ):
        assert sentence in whole


TIED = changed(
    SHEET,
    rows=[ROWS[0], ROWS[1]._replace(outcome="undecided"), ROWS[2]._replace(outcome="undecided")],
    next_step="tie_presidium",
    seats_left=1,
)
DECIDED = replace(TIED, decided=[3], decision="主席团第三次会议举手表决（2027年1月20日）")


@pytest.mark.parametrize("publish", ["names", "names+votes"])
def test_a_tie_that_the_presidium_has_decided_is_told_as_decided(publish):
    spoken = "".join(texts(script(replace(DAY, sheet=changed(DECIDED, publish=publish)))))
    assert "确定第1项“农村饮水”、第3项“危桥改造”，共2个项目为民生实事项目。其中第3项" in spoken
    assert "由主席团决定列入" in spoken
    assert "名额" not in spoken.split("共2个项目")[1]
    paper = result_report(DAY, changed(DECIDED, publish=publish))
    assert [row[-1] for row in table(paper).rows] == ["入选", "未入选", "决定列入"]
    whole = "".join(texts(paper))
    assert "由主席团决定第3项列入：主席团第三次会议举手表决（2027年1月20日）。合计确定2个项目。" in whole
    assert "待定" not in whole


def test_a_tie_not_decided_yet_is_told_as_open():
    spoken = "".join(texts(script(replace(DAY, sheet=TIED))))
    assert "确定第1项“农村饮水”，共1个项目为民生实事项目。其余1个名额，按照票决办法办理。" in spoken
    paper = result_report(DAY, TIED)
    assert [row[-1] for row in table(paper).rows] == ["入选", "待定", "待定"]
    assert "第2、3项票数相等，尚有1个名额待定，按照票决办法办理。" in texts(paper)


def test_a_further_round_passes_neither_method_nor_tellers_again():
    paper = script(replace(DAY, ordinal=2))
    headings = [b.text for b in paper.blocks if isinstance(b, Text) and b.strong]
    assert headings == ["一、清点人数", "二、检查票箱", "三、发票", "四、投票", "五、计票", "六、宣布结果"]
    whole = "".join(texts(paper))
    assert "本轮票决按照会议通过的票决办法进行，仍由张示例任总监票人，李示例、王示例任监票人。" in whole
    assert "请举手" not in whole


@pytest.mark.parametrize(
    ("returned", "sentence"),
    [
        (171, "等于发出的票，本次投票有效"),
        (170, "少于发出的票，本次投票有效"),
        (172, "多于发出的票，本次投票无效"),
    ],
)
def test_the_script_declares_the_vote_valid_or_not(returned, sentence):
    assert sentence in "".join(texts(script(replace(DAY, returned=returned))))


# --- the others -------------------------------------------------------------------------------------------


def test_the_sample_is_marked_as_such_and_names_nobody():
    paper = ALL["sample"]
    assert (paper.behind, paper.number) == ("票样", "（票样）")
    assert table(paper).heads == ["序号", "项目名称", "总投资", "选择"]
    assert [row[1:3] for row in table(paper).rows] == [
        ["农村饮水", "860.00万元"], [f"老旧小区{RARE}", "—"], ["危桥改造", "—"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "seats", "heads"),
    [
        ("threeway", 2, ["赞成", "反对", "弃权"]),
        ("confirm", 3, ["赞成", "反对", "弃权"]),
        ("rating", 0, ["满意", "基本满意", "不满意"]),
    ],
)
def test_the_sample_is_the_ballot_in_word_too(method, seats, heads):
    blank = replace(BLANK, method=method, seats=seats, colour="粉红色")
    paper = before_vote.sample(DAY, blank)
    assert table(paper).heads[3:] == heads
    assert paper.number == "（票样，粉红色票）"
    ballot = pdf_text(sheets(blank, 1))
    names = [row[1] for row in table(paper).rows]
    for piece in [paper.title, *table(paper).heads, *names, "粉红色票", texts(paper)[1][:30]]:
        assert "".join(piece.split()) in ballot


def test_each_delegation_signs_on_a_page_of_its_own():
    paper = ALL["signing_in"]
    tables = [b for b in paper.blocks if isinstance(b, Table)]
    assert [t.caption for t in tables] == ["第一代表团（2人）", "第二代表团（1人）"]
    assert sum(isinstance(b, Break) for b in paper.blocks) == 1
    assert to_pdf(paper).count(b"/Type /Page\n") >= 2 or pdf_text(to_pdf(paper)).count("—2—") == 1


def test_the_report_reads_votes_only_where_the_rule_publishes_them():
    open_, closed = ALL["report"], result_report(DAY, changed(SHEET, publish="names"))
    assert "160" in [cell for row in table(open_).rows for cell in row]
    assert table(closed).rows == [
        ["1", "农村饮水", "入选"], ["2", f"老旧小区{RARE}", "未入选"], ["3", "危桥改造", "入选"],
    ]  # fmt: skip
    signed = next(b for b in open_.blocks if isinstance(b, Signatures))
    assert [(role, name) for role, name, _ in signed.lines] == [("总监票人", "张示例")]


def test_a_void_vote_is_reported_without_results():
    paper = result_report(DAY, changed(SHEET, void="no_quorum"))
    assert "本次投票无效，应重新投票。" in texts(paper)
    assert not any(isinstance(b, Table) for b in paper.blocks)


def test_attendance_says_whether_and_never_how():
    paper = ALL["attendance"]
    assert texts(paper)[0] == "应到3人，实到2人，投票1人，未投票1人，未出席1人。"
    assert [row[4:] for row in table(paper).rows] == [["出席", "已投票"], ["补签", "未投票"], ["未出席", "—"]]
    assert "手机" not in words_of_docx(paper)
    assert "纸质" not in words_of_docx(paper)


def test_a_slip_shows_each_number_with_its_mark():
    rows = table(ALL["slips"]).rows
    assert rows == [["1○", "2　", "3○", ""], ["1　", "2　", "3　", "空白"], ["1　", "2　", "3　", "废票"]]


def test_slips_say_where_they_come_from_only_when_told():
    paper = lists.slips(
        DAY, [lists.BallotSlip({1: "for"}, source=Source.PHONE), lists.BallotSlip({}, source=Source.PAPER)]
    )
    assert table(paper).heads[-2:] == ["来源", "备注"]
    assert [row[-2] for row in table(paper).rows] == ["手机", "纸质"]
    assert "来源" not in table(ALL["slips"]).heads


def test_slips_say_what_boxes_counted_by_hand_are_not_on_them():
    whole = "".join(texts(lists.slips(DAY, SLIPS, by_hand=[(1, 10), (2, 4)])))
    assert whole.startswith("手机票共3张")
    assert "另有纸质票14张" in whole
    assert "第1号票箱10张，第2号票箱4张。全部选票合计17张" in whole
    assert "纸质票" not in "".join(texts(ALL["slips"]))


def test_widths_are_a_hundred_per_cent():
    many = replace(DAY, candidates=[BallotLine(n, f"项目{n}") for n in range(1, 31)])
    for paper in (
        *ALL.values(),
        lists.slips(many, SLIPS),
        before_vote.sample(many, replace(BLANK, method="threeway")),
    ):
        for block in paper.blocks:
            if isinstance(block, Table):
                assert sum(block.widths) == 100
                assert min(block.widths) > 0


@pytest.mark.parametrize(("publish", "told"), [("names", False), ("names+votes", True)])
def test_the_report_of_a_rating_says_the_overall_rate_where_figures_are_public(publish, told):
    rows = [Rated(1, "饮水", 85, 51, 34, 0, "satisfied")]
    rated = changed(SHEET, method="rating", rows=rows, publish=publish)
    whole = "".join(texts(result_report(DAY, rated)))
    assert ("仅计满意的为50.00%，满意和基本满意合计的为80.00%" in whole) == told


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("script", ["票决办法（SHA-256）"]),
        ("sample", ["票决办法（SHA-256）"]),
        ("signing_in", ["票决办法（SHA-256）", "名册（SHA-256）"]),
    ],
)
def test_once_opened_the_papers_of_the_hall_bear_the_digest_of_the_rule(name, labels):
    make = {
        "script": script,
        "signing_in": lambda day: lists.signing_in(day, GROUPS),
        "sample": lambda day: before_vote.sample(day, BLANK),
    }[name]
    assert make(DAY).foot == [], "before the opening the rule may still change"
    paper = make(replace(DAY, opened=True))
    assert [label for label, _ in paper.foot] == [*labels, "软件版本"]
    assert paper.foot[0][1] == "a" * 64


def test_the_organ_is_a_county_by_default():
    assert DAY.organ is COUNTY
