"""Who should not watch the count."""

import pytest
from hypothesis import given, strategies as st

from votes.rules.meeting.tellers import Conflict, Unit, Watcher, conflicts


@pytest.mark.parametrize(
    ("head", "matches"),
    [
        ("张三", True),
        ("张　三", True),
        (" 张 三 ", True),
        ("张三局长", True),
        ("局长 张三", True),
        ("张三（局长）", True),
        ("党组书记张三", True),
        ("李四、张三", True),
        ("李四，张三局长", True),
        ("张三丰", False),
        ("小张三", False),
        ("张三丰局长", False),
        ("李四", False),
        ("", False),
        (None, False),
    ],
)
def test_name_matches_alone_or_beside_an_office(head, matches):
    units = [Unit("示例局", head=head, project="示例项目")]
    expected = [Conflict("张三", "示例局", "head", ("示例项目",))] if matches else []
    assert conflicts([Watcher("张三")], units) == expected
    led = [Unit("示例局", leader=head, project="示例项目")]
    assert [c.why for c in conflicts([Watcher("张三")], led)] == (["leader"] if matches else [])


@pytest.mark.parametrize(
    ("post", "matches"),
    [
        ("交通运输局局长", True),
        ("示例县交通运输局党组书记、局长", True),
        ("交通运输局 局长", True),
        ("交通运输局副局长", False),
        ("交通运输局党组副书记、副局长", False),
        ("交通运输局工程师", False),
        ("教育局局长", False),
        ("局长", False),
        ("", False),
        (None, False),
    ],
)
def test_post_in_the_roster_is_a_reason_too(post, matches):
    units = [Unit("交通运输局", project="示例项目")]
    assert bool(conflicts([Watcher("张三", post)], units)) is matches


def test_conflicts_are_one_for_each_teller_and_unit_in_order():
    tellers = [Watcher("王五"), Watcher("张三", "示例局局长"), Watcher("赵六")]
    units = [
        Unit("示例局", "张三", "", "甲"),
        Unit("示例局", "张三", "", "乙"),
        Unit("示例局", "张三", "", "甲"),
        Unit("别的局", "钱七", "副县长王五", "丙"),
    ]
    assert conflicts(tellers, units) == [
        Conflict("王五", "别的局", "leader", ("丙",)),
        Conflict("张三", "示例局", "head", ("甲", "乙")),
    ]


@pytest.mark.parametrize(("tellers", "units"), [([], [Unit("示例局", "张三")]), ([Watcher("张三")], [])])
def test_conflicts_without_tellers_or_units_are_none(tellers, units):
    assert conflicts(tellers, units) == []


names = st.text("张王李赵三四五六 、（", max_size=6)


@given(st.lists(st.tuples(names, names)), st.lists(st.tuples(names, names, names)))
def test_conflicts_name_only_given_tellers_and_units(tellers, units):
    watchers = [Watcher(*each) for each in tellers]
    reasons = conflicts(watchers, [Unit(*each) for each in units])
    assert {c.teller for c in reasons} <= {w.name for w in watchers}
    assert {c.unit for c in reasons} <= {u[0] for u in units}
    assert len({(c.teller, c.unit, c.why) for c in reasons}) == len(reasons)
