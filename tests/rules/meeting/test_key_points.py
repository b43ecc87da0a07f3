import pytest

from votes.rules.meeting.key_points import key_points
from votes.rules.meeting.rule import Rule


def test_key_points_of_the_usual_rule_are_whole():
    assert key_points(Rule(seats=10), 12, 327) == [
        "候选项目 12 项，应选 10 项，差额 2 项（差额比例 20.00%），采用无记名差额投票方式；"
        "不另提其他项目，不得委托他人投票，列席人员不参加投票。",
        "每位代表选择不超过 10 项，在所选项目上画“○”；未选的项目视为弃权。",
        "所选项目等于或者少于 10 项的为有效票，多于 10 项的整票无效。",
        "未作任何选择的票为有效票，视为对全部项目弃权；无法辨认的票为无效票。",
        "全体代表的三分之二以上出席，方可开始投票：应到 327 人，须实到 218 人以上（含本数）。",
        "收回的票等于或者少于发出的票，投票有效；多于发出的票，投票无效，重新投票。",
        "赞成票超过全体代表半数的项目获得通过：应到 327 人，须得赞成票 164 张以上（含本数）；恰好半数的，不通过。",
        "获得通过的项目多于 10 项时，以赞成票多的确定为民生实事项目。",
        "应选名额边缘的项目赞成票相等、不能确定的，就票数相等的项目再次投票，以赞成票多的确定。",
        "获得通过的项目少于 10 项时，不足的名额从缺。",
        "计票结束后，由总监票人和至少一名监票人分别签名确认；签名确认前，任何人都看不到得票数。",
        "代表凭会场屏幕上的签到码签到，或者在签到处签到；签到后方可领票、投票。",
        "票决记录公开全部回执码，供代表核对自己的票已经收回；不公开每张票的内容。",
        "公告公布项目名称，按票上的顺序排列，不公布得票数。",
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"quorum": (1, 2)},
            "全体代表的二分之一以上出席，方可开始投票：应到 327 人，须实到 164 人以上（含本数）。",
        ),
        (
            {"quorum": (11, 20)},
            "全体代表的 11/20 以上出席，方可开始投票：应到 327 人，须实到 180 人以上（含本数）。",
        ),
        ({"majority": "present"}, "赞成票超过实到代表半数的项目获得通过；恰好半数的，不通过。"),
        ({"majority": "valid"}, "赞成票超过有效票半数的项目获得通过；恰好半数的，不通过。"),
        ({"majority": "none"}, "按赞成票从多到少确定，不要求过半数，但至少须有 1 张赞成票。"),
        ({"tie": "presidium"}, "应选名额边缘的项目赞成票相等、不能确定的，由主席团决定。"),
        ({"shortfall": "further"}, "获得通过的项目少于 10 项时，不足的名额在其余候选项目中另行票决。"),
        ({"checkin": "desk"}, "代表在签到处签到；签到后方可领票、投票。"),
        ({"checkin": "open"}, "代表自行签到，不在会场的也可以签到；签到后方可投票。"),
        ({"disclosure": "none"}, "票决记录不公开回执码和票的内容。"),
        (
            {"disclosure": "ballots", "small_body": 30},
            "票决记录公开全部回执码和每张票的内容，不含任何代表姓名；收回的票不足 30 张的，只公开回执码。",
        ),
        ({"publish": "names+votes"}, "公告公布项目名称和得票数，按票上的顺序排列。"),
        (
            {"method": "threeway"},
            "对每个项目表示赞成、反对或者弃权：赞成的画“○”，反对的画“×”，弃权的不作标记；没有标记的项目视为弃权。",
        ),
        (
            {"method": "threeway", "marks": {"for": "√", "against": "×", "abstain": "○"}},
            "对每个项目表示赞成、反对或者弃权：赞成的画“√”，反对的画“×”，弃权的画“○”；没有标记的项目视为弃权。",
        ),
        ({"method": "threeway"}, "赞成的项目等于或者少于 10 项的为有效票，多于 10 项的整票无效。"),
        ({"method": "threeway", "overvote": "allow"}, "赞成的项目可以多于应选名额，票仍然有效。"),
    ],
)
def test_key_points_have_a_sentence_for_each_parameter(change, expected):
    usual = key_points(Rule(seats=10), 12, 327)
    changed = key_points(Rule(seats=10, **change), 12, 327)
    assert changed.count(expected) == 1
    assert expected not in usual


@pytest.mark.parametrize(("roster", "needed"), [(180, 91), (181, 91), (195, 98), (1, 1), (2, 2)])
def test_key_points_work_out_half_of_the_roster_in_heads(roster, needed):
    assert (
        f"赞成票超过全体代表半数的项目获得通过：应到 {roster} 人，须得赞成票 {needed} 张以上（含本数）；恰好半数的，不通过。"
        in key_points(Rule(seats=10), 12, roster)
    )


def test_key_points_without_a_roster_have_no_heads():
    points = key_points(Rule(seats=10), 12)
    assert "全体代表的三分之二以上出席，方可开始投票。" in points
    assert "赞成票超过全体代表半数的项目获得通过；恰好半数的，不通过。" in points


def test_key_points_of_a_confirmation_have_no_surplus_nor_tie():
    points = key_points(Rule(seats=4, method="confirm"), 4, 45)
    assert points[0].startswith("候选项目 4 项，应选 4 项，采用无记名等额投票方式；")
    assert not [point for point in points if "差额" in point or "再次投票" in point or "整票无效" in point]


@pytest.mark.parametrize(
    ("half", "expected"),
    [
        (
            "satisfied",
            "“满意”票达到全体代表半数（含半数）的，等次为满意；未达到、但“满意”与“基本满意”票合计"
            "超过全体代表半数（不含半数）的，等次为基本满意；其余的，等次为不满意。",
        ),
        (
            "both",
            "“满意”票达到全体代表半数（含半数）的，等次为满意；未达到、但“满意”与“基本满意”票合计"
            "达到全体代表半数（含半数）的，等次为基本满意；其余的，等次为不满意。",
        ),
        (
            "neither",
            "“满意”票超过全体代表半数（不含半数）的，等次为满意；未达到、但“满意”与“基本满意”票合计"
            "超过全体代表半数（不含半数）的，等次为基本满意；其余的，等次为不满意。",
        ),
    ],
)
def test_key_points_of_a_rating_state_its_thresholds(half, expected):
    points = key_points(Rule(seats=0, method="rating", half=half), 10, 231)
    assert expected in points
    assert "计算等次以应到 231 人为基数，未出席的代表计入基数。" in points
