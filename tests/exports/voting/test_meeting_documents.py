"""The papers of the day: their words, their blanks, and that Word and PDF say the same."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import docx
import pytest

from tests.exports.tools import RARE, pdf_text
from tests.exports.voting.sheets import SHEET as COUNTED, Row, changed
from votes.exports.formats.layout import Paper, PaperTable, Signatures, Text, to_docx, to_html, to_pdf
from votes.exports.voting import before_vote, lists
from votes.exports.voting.blanks import BlankBallot
from votes.exports.voting.day import DayData
from votes.exports.voting.report import result_report
from votes.exports.voting.script import script
from votes.exports.voting.sheet import SignatureLine
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import BallotLine

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
    chief_teller="张示例",
    other_tellers=["李示例", "王示例"],
    digests=[("票决办法", "a" * 64), ("名册", "b" * 64), ("票箱", "c" * 64)],
    software="民生票决 0.1.0",
)
BLANK = BlankBallot(
    body=DAY.body,
    session=DAY.session,
    title=DAY.title,
    held_on=DAY.held_on,
    rule=replace(RULE, paper="keyed"),
    lines=DAY.candidates,
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


def table(paper: Paper) -> PaperTable:
    return next(block for block in paper.blocks if isinstance(block, PaperTable))


def words_of_docx(paper: Paper) -> str:
    document = docx.Document(BytesIO(to_docx(paper)))
    found = [paragraph.text for paragraph in document.paragraphs]
    found += [cell.text for t in document.tables for row in t.rows for cell in row.cells]
    return "".join("".join(found).split())


def said(paper: Paper) -> list[str]:
    """Every piece of text of a paper, without blanks."""
    found = [paper.title, paper.subtitle, paper.number, *texts(paper)]
    for block in paper.blocks:
        if isinstance(block, PaperTable):
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


# --- the others -------------------------------------------------------------------------------------------


def test_widths_are_a_hundred_per_cent():
    many = replace(DAY, candidates=[BallotLine(n, f"项目{n}") for n in range(1, 31)])
    for paper in (
        *ALL.values(),
        lists.slips(many, SLIPS),
        before_vote.sample(many, replace(BLANK, rule=replace(BLANK.rule, method="threeway"))),
    ):
        for block in paper.blocks:
            if isinstance(block, PaperTable):
                assert sum(block.widths) == 100
                assert min(block.widths) > 0
