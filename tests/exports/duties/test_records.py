"""履职档案 as a document: its headings, its tables, and what it says where there is nothing."""

from datetime import date

import pytest

from votes.exports.duties import records
from votes.exports.formats.layout import PaperTable, Text
from votes.rules.duties.duties import Rates, Share
from votes.rules.duties.records import HEADINGS, RecordEvent
from votes.rules.people.roles import BodyKind

DAY = date(2027, 3, 1)
DATA = records.RecordData(
    body="示例县人大常委会",
    kind=BodyKind.STREET,
    year=2027,
    name="示例代表",
    basics=[("代表证号", "101"), ("姓名", "示例代表"), ("性别", "女")],
    rates=Rates(congress=Share(1, 2)),
    votes=Share(3, 4),
    events=[
        RecordEvent(DAY, "meetings", "人代会", "第一次会议", "出席"),
        RecordEvent(DAY, "research", "视察", "农村公路", "示例项目"),
    ],
    made_on=date(2027, 12, 30),
)


@pytest.mark.parametrize(
    ("share", "words"), [(Share(18, 19), "94.7%（18/19）"), (Share(0, 3), "0.0%（0/3）"), (Share(), "—")]
)
def test_rate_has_its_times_or_a_dash(share, words):
    assert records.rate(share) == words


def test_record_has_each_heading_and_says_where_nothing_stands():
    paper = records.record(DATA)
    texts = [block.text for block in paper.blocks if isinstance(block, Text)]
    heads = [text.split("、", 1)[1] for text in texts if text != "本年度没有记录。"]
    assert heads == ["基本情况", *HEADINGS.values()]
    assert texts.count("本年度没有记录。") == len(HEADINGS) - 2
    basics, rates, meetings, research = [block for block in paper.blocks if isinstance(block, PaperTable)]
    assert [list(row) for row in basics.rows][1] == ["性别", "女", "", ""]
    assert list(rates.rows[0]) == ["50.0%（1/2）", "—", "3/4 次"]
    assert list(meetings.rows[0]) == ["2027年3月1日", "人代会", "第一次会议", "出席"]
    assert list(research.rows[0]) == ["2027年3月1日", "视察", "农村公路（示例项目）"]
