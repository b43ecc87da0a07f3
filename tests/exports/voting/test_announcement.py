"""公告: what it names, and what it does not."""

from datetime import date

import pytest

from tests.exports.voting.sheets import changed
from tests.exports.voting.test_documents import DATA, OVERALL, RATING, SESSION, TIED, block, tables, words
from votes.exports.formats.layout import Closing, Items, Table, Text, to_html
from votes.exports.voting.announcement import announcement
from votes.exports.voting.counting_sheet import counting_sheet


def test_announcement_gives_the_names_in_list_order_and_no_figures():
    paper = announcement(DATA)
    assert (paper.title, paper.number, paper.red) == ("示例县人民代表大会主席团公告", "（第1号）", True)
    assert paper.blocks == [
        Text(
            f"{SESSION}于2027年1月5日以无记名投票方式，票决确定下列2个项目为示例县2027年民生实事项目"
            "（按选票所列顺序排列）："
        ),
        Items(["农村饮水", "危桥改造"]),
        Text("现予公告。"),
        Closing(f"{SESSION}主席团", "2027年1月5日"),
    ]


def test_announcement_with_votes():
    paper = announcement(changed(DATA, publish="names+votes", announced_on=date(2027, 1, 6)))
    assert tables(paper) == [
        Table(
            ["序号", "项目名称", "赞成票数"],
            [["1", "农村饮水", "160"], ["2", "危桥改造", "155"]],
            [12, 66, 22],
            ["center", "left", "center"],
        )
    ]
    assert words(paper)[1] == (
        "应到代表180人，实到171人；发出选票171张，收回170张，其中有效票170张、无效票0张。"
    )
    assert block(paper, Closing).date == "2027年1月6日"


@pytest.mark.parametrize("publish", ["names", "names+votes"])
@pytest.mark.parametrize("data", [DATA, changed(DATA, rows=TIED, next_step="tie_rerun", seats_left=1)])
def test_losers_and_the_tied_are_not_named(publish, data):
    text = to_html(announcement(changed(data, publish=publish)))
    names = {data.names[row.no] for row in data.result.counts if row.outcome == "selected"}
    assert {name for name in data.names.values() if name in text} == names


def test_names_alone_leak_no_figure():
    text = to_html(announcement(DATA))
    assert [number for number in ("160", "155", "171", "170", "180") if number in text] == []


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("tie_rerun", "其余1个名额，按照票决办法再次投票确定，结果另行公告。"),
        ("tie_presidium", "其余1个名额，按照票决办法由主席团决定，结果另行公告。"),
        ("shortfall_further", "其余1个名额，按照票决办法另行票决，结果另行公告。"),
        ("vacant", "应选2项，其余1个名额从缺。"),
    ],
)
def test_open_places_are_announced(kind, sentence):
    assert words(announcement(changed(DATA, next_step=kind, seats_left=1)))[1] == sentence


@pytest.mark.parametrize(
    ("publish", "heads"),
    [
        ("names", ["序号", "项目名称", "等次"]),
        ("names+votes", ["序号", "项目名称", "满意", "基本满意", "不满意", "等次"]),
    ],
)
def test_announcement_of_a_rating(publish, heads):
    paper = announcement(changed(RATING, publish=publish))
    assert words(paper)[0] == (
        f"{SESSION}于2027年1月5日以无记名投票方式，对示例县2027年民生实事项目进行了满意度测评，测评等次如下："
    )
    (table,) = tables(paper)
    assert table.heads == heads
    assert [row[-1] for row in table.rows] == ["满意", "基本满意"]
    assert (OVERALL in words(paper)) == (publish == "names+votes")
    assert OVERALL in words(counting_sheet(changed(RATING, publish=publish)))
