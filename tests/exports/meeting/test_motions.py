"""举手表决结果: the printed list of a session."""

from datetime import date

from votes.exports.formats.layout import PaperTable, Text
from votes.exports.meeting.motions import MotionRow, motions_paper
from votes.rules.meeting.motions import ShowOfHands


def blocks(*rows: MotionRow):
    paper = motions_paper(
        body="示例县人民代表大会",
        session="第一次会议",
        members="全体代表",
        rows=rows,
        printed_on=date(2027, 1, 5),
    )
    return paper.blocks


def test_motions_paper_lists_each_decision_with_its_figures():
    row = MotionRow("票决办法（草案）", date(2027, 1, 5), ShowOfHands(34, 20, 17, 2, 0), passed=False)
    (table,) = [block for block in blocks(row) if isinstance(block, PaperTable)]
    assert table.rows == [
        ["1", "票决办法（草案）", "2027年1月5日", "34", "20", "17", "2", "0", "1", "未通过"]
    ]


def test_motions_paper_without_decisions_says_so():
    assert Text("没有登记举手表决的事项。") in blocks()
