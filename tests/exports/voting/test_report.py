"""结果报告单: what 总监票人 reads."""

from dataclasses import replace

import pytest

from tests.exports.tools import RARE
from tests.exports.voting.sheets import Rated, changed
from tests.exports.voting.test_meeting_documents import ALL, DAY, ROWS, SHEET, table, texts
from votes.exports.formats.layout import Signatures, Table
from votes.exports.voting.report import result_report
from votes.exports.voting.script import script

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


@pytest.mark.parametrize(("publish", "told"), [("names", False), ("names+votes", True)])
def test_the_report_of_a_rating_says_the_overall_rate_where_figures_are_public(publish, told):
    rows = [Rated(1, "饮水", 85, 51, 34, 0, "satisfied")]
    rated = changed(SHEET, method="rating", rows=rows, publish=publish)
    whole = "".join(texts(result_report(DAY, rated)))
    assert ("仅计满意的为50.00%，满意和基本满意合计的为80.00%" in whole) == told
