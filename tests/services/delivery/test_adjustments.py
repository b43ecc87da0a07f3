"""Adjustments: applied for, decided, carried out, announced; each refusal in words."""

from datetime import date
from decimal import Decimal

import pytest

from tests.years import at
from votes.db import db
from votes.rules.delivery.adjustments import AdjustmentCause, AdjustmentKind, AdjustmentState
from votes.rules.delivery.trackings import TrackingState
from votes.rules.errors import RuleBroken
from votes.services.delivery import adjustments, trackings as progress
from votes.services.projects import versions as project_versions

AUGUST = at(2027, 8, 10)
SEPTEMBER = at(2027, 9, 15)
REASON = "持续强降雨，基础施工推迟两个月。"


def apply(tracking_id, by, kind=AdjustmentKind.MAJOR, now=AUGUST, **values):
    tracking = progress.get(tracking_id)
    return adjustments.apply(
        tracking,
        kind,
        cause=AdjustmentCause.FORCE_MAJEURE,
        reason=REASON,
        values=adjustments.as_it_stands(tracking) | values,
        by=by,
        now=now,
    )


def decide(adjustment, by, approved=True, **values):
    given = {
        "organ": adjustments.organ(adjustment),
        "document_number": "示例常〔2027〕8号",
        "decided_on": SEPTEMBER.date(),
        "opinion": "同意。",
    }
    adjustments.decide(adjustment, approved=approved, **(given | values), by=by, now=SEPTEMBER)


def test_adjustment_from_application_to_announcement(world, tracked, actors):
    """陕西 2025 规定 art. 18: applied for, decided by the standing committee, published; the old text stays readable."""
    with world.work():
        made = apply(
            tracked["county"], actors["government"], target="年内完成主体工程。", due_on=date(2028, 3, 31),
            total_investment=Decimal("900.00"),
        )  # fmt: skip
        assert made.before == {
            "target": "12 月底前全部完工通车。",
            "due_on": "2027-12-20",
            "total_investment": "860.00",
        }
        assert adjustments.organ(made) == "示例县人民代表大会常务委员会"
        tracking = progress.get(tracked["county"])
        assert (tracking.due_on, tracking.project.target) == (date(2027, 12, 20), "12 月底前全部完工通车。")
        with pytest.raises(RuleBroken, match="只有同意的调整才发布公告"):
            adjustments.announce(made, notice="字" * 30, announced_on=SEPTEMBER.date(), by=actors["office"], now=SEPTEMBER)  # fmt: skip
        decide(made, actors["office"])
        assert (tracking.due_on, tracking.project.target) == (date(2028, 3, 31), "年内完成主体工程。")
        assert tracking.project.due_on == date(2027, 12, 20), "as the congress decided"
        texts = [version.text["年度目标"] for version in project_versions.versions(tracking.project)]
        assert texts == ["12 月底前全部完工通车。", "年内完成主体工程。"]
        assert adjustments.announced(2027) == []
        words = adjustments.usual_notice(made)
        assert words.splitlines() == [
            "2027年9月15日，示例县人民代表大会常务委员会决定（示例常〔2027〕8号），对2027年民生实事项目“实事项目01”作如下调整：",
            "年度目标由“12 月底前全部完工通车”调整为“年内完成主体工程”；",
            "完成时限由“2027年12月20日”调整为“2028年3月31日”；",
            "总投资由“860.00 万元”调整为“900.00 万元”。",
            f"调整原因：{REASON}",
            "现予公告。",
        ]
        adjustments.announce(
            made, notice=words, announced_on=SEPTEMBER.date(), by=actors["office"], now=SEPTEMBER
        )
        assert [each.id for each in adjustments.announced(2027)] == [made.id]
        assert [each.id for each in adjustments.published(progress.get(tracked["county"]))] == [made.id]
        assert adjustments.announced(2026) == []


def test_organ_in_a_township_is_its_congress(world, tracked):
    by = world.actor("government", "township")
    with world.work("township"):
        made = apply(tracked["township"], by, content="改造 10 公里。")
        assert adjustments.organ(made) == "示例镇人民代表大会"
        assert adjustments.announcer(made) == "示例镇人民代表大会主席团"


def test_decide_suspends_and_resumes(world, tracked, actors):
    with world.work():
        decide(apply(tracked["county"], actors["government"], AdjustmentKind.SUSPEND), actors["office"])
        tracking = progress.get(tracked["county"])
        assert tracking.state == TrackingState.SUSPENDED
        with pytest.raises(RuleBroken, match="不能申请这一类调整"):
            apply(tracked["county"], actors["government"], content="改造 10 公里。")
        made = apply(tracked["county"], actors["government"], AdjustmentKind.RESUME, SEPTEMBER, due_on=date(2028, 6, 30))  # fmt: skip
        decide(made, actors["office"])
        assert (tracking.state, tracking.due_on) == (TrackingState.RUNNING, date(2028, 6, 30))


def test_refused_and_withdrawn_change_nothing(world, tracked, actors):
    with world.work():
        for end in ("refuse", "withdraw"):
            made = apply(tracked["county"], actors["government"], content="改造 10 公里。")
            if end == "refuse":
                decide(made, actors["office"], approved=False)
                assert made.state == AdjustmentState.REFUSED
            else:
                adjustments.withdraw(made, by=actors["government"], now=AUGUST)
            with pytest.raises(RuleBroken, match="当前状态下不能"):
                decide(made, actors["office"])
        assert progress.get(tracked["county"]).project.content.startswith("改造农村公路")
        assert len(adjustments.of(progress.get(tracked["county"]))) == 2


def test_apply_while_another_waits_is_refused(world, tracked, actors):
    """The database is the judge: a partial unique index."""
    with pytest.raises(RuleBroken, match="正在等待决定"), world.work():
        apply(tracked["county"], actors["government"], content="改造 10 公里。")
        apply(tracked["county"], actors["government"], content="改造 11 公里。")


def test_decide_after_another_change_is_refused(world, tracked, actors):
    with world.work():
        made = apply(tracked["county"], actors["government"], due_on=date(2028, 3, 31))
        tracking = progress.get(tracked["county"])
        tracking.due_on = date(2027, 12, 1)
        db.session.flush()
        with pytest.raises(RuleBroken, match="完成时限已经改动"):
            decide(made, actors["office"])
