"""主持词, with and without the figures of the day."""

from dataclasses import replace

import pytest

from tests.exports.voting.test_meeting_documents import ALL, DAY, SHEET, table, texts
from tests.exports.voting.test_report import TIED
from votes.exports.formats.layout import Text
from votes.exports.voting.day import BLANK as RULED, MotionOnPaper
from votes.exports.voting.report import result_report
from votes.exports.voting.script import script


def test_the_script_has_its_steps_in_order():
    headings = [b.text for b in ALL["script"].blocks if isinstance(b, Text) and b.strong]
    assert headings == [
        "一、清点人数", "二、通过票决办法", "三、通过监票人名单", "四、检查票箱", "五、发票", "六、投票", "七、计票",
        "八、宣布结果",
    ]  # fmt: skip


def test_the_script_is_filled_with_what_is_known():
    passed = {"method": MotionOnPaper(170, 0, 1, True)}
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
    day = replace(
        DAY,
        roster=None,
        present=None,
        leave=None,
        issued=None,
        returned=None,
        chief_teller="",
        other_tellers=(),
    )
    whole = "".join(texts(script(day)))
    blank = RULED
    for sentence in (
        f"应到代表{blank}人，实到{blank}人",
        f"提名{blank}为总监票人，{blank}为监票人",
        f"发出选票{blank}张，收回{blank}张",
        f"确定{blank}",
    ):
        assert sentence in whole


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
