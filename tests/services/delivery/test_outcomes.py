"""Adjustment, acceptance, citizens' rating, second report: each act changes what it should, once, and says no in words."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from tests.services.publication.test_regional_overview import make_rating
from tests.years import at, make_tracked, picture, report
from votes.db import db, page
from votes.models import AuditEntry, CitizenRating, Throttle
from votes.rules.delivery.acceptances import AcceptanceKind, Conclusion, Item, Mark, RereportState
from votes.rules.delivery.adjustments import AdjustmentCause, AdjustmentKind, AdjustmentState
from votes.rules.delivery.trackings import TrackingState
from votes.rules.errors import RuleBroken
from votes.rules.supervision import citizen_ratings as rating_rules
from votes.rules.supervision.citizen_ratings import Counts, Crowd
from votes.services.delivery import acceptances, adjustments, plans, trackings as progress
from votes.services.people import bodies
from votes.services.projects import versions as project_versions
from votes.services.supervision import citizen_ratings, second_reports

AUGUST = at(2027, 8, 10)
SEPTEMBER = at(2027, 9, 15)
REASON = "持续强降雨，基础施工推迟两个月。"


@pytest.fixture
def tracked(world):
    """The county's tracked project, and the township's; their ids."""
    found = {}
    for body in ("county", "township"):
        with world.work(body):
            found[body] = make_tracked(1, department_id=world.departments[body])[0].id
    return found


@pytest.fixture
def actors(world):
    return {role: world.actor(role) for role in ("office", "government", "department")}


def apply(tracking_id, by, kind=AdjustmentKind.MAJOR, now=AUGUST, **wanted):
    tracking = progress.get(tracking_id)
    return adjustments.apply(
        tracking,
        kind,
        cause=AdjustmentCause.FORCE_MAJEURE,
        reason=REASON,
        wanted=adjustments.as_it_stands(tracking) | wanted,
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


# --- adjustment ----------------------------------------------------------------------------------------


def test_an_adjustment_from_application_to_announcement(world, tracked, actors):
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
        assert adjustments.counts([world.county]) == {world.county: {"approved": 1}}


def test_who_decides_in_a_township(world, tracked):
    by = world.actor("government", "township")
    with world.work("township"):
        made = apply(tracked["township"], by, content="改造 10 公里。")
        assert adjustments.organ(made) == "示例镇人民代表大会"
        assert adjustments.announcer(made) == "示例镇人民代表大会主席团"


def test_suspended_and_resumed(world, tracked, actors):
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


def test_one_application_at_a_time(world, tracked, actors):
    """The database is the judge: a partial unique index."""
    with pytest.raises(RuleBroken, match="正在等待决定"), world.work():
        apply(tracked["county"], actors["government"], content="改造 10 公里。")
        apply(tracked["county"], actors["government"], content="改造 11 公里。")


def test_what_was_changed_meanwhile_is_not_overwritten(world, tracked, actors):
    with world.work():
        made = apply(tracked["county"], actors["government"], due_on=date(2028, 3, 31))
        tracking = progress.get(tracked["county"])
        tracking.due_on = date(2027, 12, 1)
        db.session.flush()
        with pytest.raises(RuleBroken, match="完成时限已经改动"):
            decide(made, actors["office"])


# --- acceptance ----------------------------------------------------------------------------------------

ITEMS = [Item("目标完成度", Mark.MET), Item("资金规范性", Mark.PARTLY, "一笔尾款手续待补。")]


def accept(tracking_id, by, kind=AcceptanceKind.WORKS, now=AUGUST, **values):
    findings = acceptances.Findings(
        now.date(), "示例验收组", Conclusion.CONDITIONAL, "补齐手续后通过。", ITEMS
    )
    found = {name: values.pop(name) for name in findings._fields if name in values}
    return acceptances.record(
        progress.get(tracking_id), kind, findings._replace(**found), **values, by=by, now=now
    )


def test_an_acceptance_is_recorded_and_corrected(world, tracked, actors):
    with world.work():
        made = accept(tracked["county"], actors["government"], photos=[picture()])
        assert [(row.dimension, row.mark, row.note) for row in made.items] == [tuple(item) for item in ITEMS]
        assert len(made.photos) == 1
        assert acceptances.photo(made.photos[0].id) is not None
        assert acceptances.has_works(tracked["county"])
        acceptances.correct(
            made, acceptances.Findings(
                made.held_on, made.held_by, Conclusion.PASSED, "通过。",
                [Item("目标完成度", Mark.MET), Item("资金规范性", Mark.MET)],
            ), by=actors["government"], now=AUGUST,
        )  # fmt: skip
        (line,) = acceptances.overview({"year": 2027, "standing": "works"})
        assert (line.works.conclusion, line.deputies) == (Conclusion.PASSED, None)
        assert acceptances.overview({"year": 2027, "standing": "both"}) == []
        assert acceptances.counts([world.county], 2027) == {world.county: {"works": 1}}
    with world.work():
        entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "acceptance.correct"))
        assert entry.after["conclusion"] == "passed"


def test_a_failed_completion_is_none(world, tracked, actors):
    with world.work():
        accept(tracked["county"], actors["government"])
        assert acceptances.has_works(tracked["county"])
        assert acceptances.counts([world.county], 2027) == {world.county: {"works": 1}}
        accept(tracked["county"], actors["government"], conclusion=Conclusion.FAILED)
        assert not acceptances.has_works(tracked["county"]), "the latest counts"
        assert acceptances.counts([world.county], 2027) == {world.county: {}}


def test_the_dimensions_are_the_places_own(world, tracked, actors):
    with world.work():
        assert len(acceptances.dimensions(world.county)) == 8
        body = bodies.get_body(world.county)
        acceptances.change_dimensions(body, "质量\n\n进度\n", by=actors["office"], now=AUGUST)
        assert acceptances.dimensions(world.county) == ["质量", "进度"]


# --- citizens ------------------------------------------------------------------------------------------


def rate(tracking_id, phone="a", grade="satisfied", comment="", now=AUGUST, address="home"):
    return citizen_ratings.rate(
        progress.get(tracking_id), grade=grade, comment=comment, phone=phone, address=address, now=now
    )


def test_one_phone_rates_a_project_once_a_week(world, tracked):
    """10 August 2027 is a Tuesday: the next Monday is another week."""
    with world.work():
        rate(tracked["county"])
        rate(tracked["county"], "b", "dissatisfied")
        rate(tracked["county"], now=at(2027, 8, 16, 0))
        assert citizen_ratings.has_rated(progress.get(tracked["county"]), "a", date(2027, 8, 15))
    with pytest.raises(RuleBroken, match="本周已经评价过"), world.work():
        rate(tracked["county"], now=at(2027, 8, 15, 23))
    with world.work():
        assert citizen_ratings.of([tracked["county"]]) == {tracked["county"]: Counts(2, 0, 1)}
        assert citizen_ratings.counts([world.county], 2027) == {world.county: Counts(2, 0, 1)}
        assert citizen_ratings.counts([world.county], 2026) == {}


def test_a_flood_from_one_address_is_held_back_and_forgotten(world, tracked, monkeypatch):
    monkeypatch.setattr(rating_rules, "PER_ADDRESS", 2)
    with world.work():
        rate(tracked["county"], "a")
        rate(tracked["county"], "b")
        rate(tracked["county"], "c", address="elsewhere")
        rate(tracked["county"], "d", address="")  # where addresses say nothing there is no bound
        rate(tracked["county"], "e", address="")
        with pytest.raises(RuleBroken, match="今天已经很多") as caught:
            rate(tracked["county"], "f")
        assert caught.value.status == 429
        rate(tracked["county"], "f", now=AUGUST + timedelta(days=3))
        keys = [k for k in db.session.scalars(select(Throttle.key)) if k.startswith("rate:")]
        assert len(keys) == 2, "those of earlier days are gone: the address's, and its own of the project"


@pytest.mark.sqlite
def test_many_of_one_network_are_told_to_the_office_and_then_held_back(world, tracked, monkeypatch):
    monkeypatch.setattr(rating_rules, "SAME_NETWORK", 2)
    monkeypatch.setattr(rating_rules, "PER_PROJECT", 4)
    project = tracked["county"]
    with world.work():
        for phone in "abc":
            rate(project, phone, address="")
            rate(project, f"at home {phone}", address=phone)
        assert citizen_ratings.crowds([project]) == {}
        for phone in "defg":
            rate(project, phone)
        assert citizen_ratings.crowds([project]) == {project: [Crowd(date(2027, 8, 10), 10, 4)]}
        with pytest.raises(RuleBroken, match="今天已经很多"):
            rate(project, "h")
        rate(project, "i", now=AUGUST + timedelta(days=7))
        assert [each.day for each in citizen_ratings.crowds([project])[project]] == [date(2027, 8, 10)]
        told = [key for key in db.session.scalars(select(Throttle.key)) if key.startswith("crowd:")]
        assert told == [f"crowd:{world.county}:{project}:20270810"], "no address in what is kept"


def test_a_rating_leaves_no_line_in_the_log_and_handling_none_of_its_words(world, tracked, actors):
    with world.work():
        before = db.session.scalar(select(func.count(AuditEntry.id)))
        made = rate(tracked["county"], comment="示例张三，路灯不亮，请修。")
        assert db.session.scalar(select(func.count(AuditEntry.id))) == before
        citizen_ratings.handle(
            made,
            reply="已修好。",
            published=True,
            note_to_unit="请检修路灯。",
            by=actors["office"],
            now=AUGUST,
        )
        assert [each.comment for each in citizen_ratings.published(tracked["county"])] == [made.comment]
        assert [each.note_to_unit for each in citizen_ratings.notes_to_unit(tracked["county"])] == [
            "请检修路灯。"
        ]
        citizen_ratings.export({"year": 2027}, by=actors["office"], now=AUGUST)
        db.session.flush()
        lines = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(2)).all()
        said = " ".join(str((line.about, line.before, line.after, line.message)) for line in lines)
        assert [line.action for line in lines] == ["citizen_rating.export", "citizen_rating.handle"]
        assert "张三" not in said
        assert "published" in said


def test_nothing_is_published_by_itself_and_nothing_that_names_somebody(world, tracked, actors):
    with world.work():
        made = rate(tracked["county"], comment="请回电 138 0000 1234。")
        assert citizen_ratings.published(tracked["county"]) == []
        assert citizen_ratings.waiting() == 1
        with pytest.raises(RuleBroken, match="个人信息"):
            citizen_ratings.handle(
                made, reply="", published=True, note_to_unit="", by=actors["office"], now=AUGUST
            )
        with pytest.raises(RuleBroken, match="请删去后保存"):
            citizen_ratings.handle(
                made,
                reply="",
                published=False,
                note_to_unit="群众电话13800001234",
                by=actors["office"],
                now=AUGUST,
            )
        citizen_ratings.handle(
            made, reply="已电话联系。", published=False, note_to_unit="", by=actors["office"], now=AUGUST
        )
        assert citizen_ratings.waiting() == 0


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, ["好", "差"]),
        ({"sort": "worst"}, ["差", "好"]),
        ({"grade": "dissatisfied"}, ["差"]),
        ({"standing": "waiting"}, ["好"]),
        ({"standing": "replied"}, ["差"]),
        ({"q": "好"}, ["好"]),
        ({"year": 2026}, []),
    ],
)
@pytest.mark.sqlite
def test_comments_are_found(world, tracked, actors, wanted, expected):
    with world.work():
        poor = rate(tracked["county"], "a", "dissatisfied", "差")
        rate(tracked["county"], "b", "satisfied", "好")
        rate(tracked["county"], "c")
        citizen_ratings.handle(
            poor, reply="改。", published=False, note_to_unit="", by=actors["office"], now=AUGUST
        )
        rows, total = page(citizen_ratings.comments(wanted), 1)
        assert [row.comment for row in rows] == expected
        assert total == len(expected)
        assert db.session.scalar(select(func.count(CitizenRating.id))) == 3


# --- second report -------------------------------------------------------------------------------------

TEXT = "已逐条核实代表和群众的意见，补修破损路面两公里，增设护栏，建立每周巡查制度。"


def test_a_second_report_is_demanded_sent_back_and_accepted(world, tracked, actors):
    unit = world.departments["county"]
    with world.work():
        made = second_reports.demand(
            progress.get(tracked["county"]), due_on=date(2027, 10, 1), reason="测评为不满意。", by=actors["office"], now=AUGUST
        )  # fmt: skip
        (due,) = second_reports.due(AUGUST.date(), own=unit)
        assert (due.kind, due.about_id, due.due_on, due.department_id) == (
            "rereport",
            made.id,
            date(2027, 10, 1),
            unit,
        )
        assert second_reports.due(AUGUST.date(), own=unit + 1) == []
        with pytest.raises(RuleBroken, match="尚未办结"):
            second_reports.demand(
                made.tracking, due_on=date(2027, 10, 1), reason="再次。", by=actors["office"], now=AUGUST
            )
        second_reports.submit(made, TEXT, by=actors["department"], now=AUGUST)
        assert second_reports.due(AUGUST.date()) == []
        back = {"accepted": False, "settled_on": SEPTEMBER.date(), "by": actors["office"], "now": SEPTEMBER}
        with pytest.raises(RuleBroken, match="新的报告期限"):
            second_reports.settle(made, opinion="请补充资金情况。", **back)
        second_reports.settle(made, opinion="请补充资金情况。", due_on=date(2027, 11, 1), **back)
        assert (made.state, made.due_on) == (RereportState.DEMANDED, date(2027, 11, 1))
        second_reports.submit(made, TEXT + "资金情况附后。", by=actors["government"], now=SEPTEMBER)
        second_reports.settle(made, opinion="通过。", **(back | {"accepted": True}))
        assert made.state == RereportState.ACCEPTED
        assert second_reports.counts([world.county]) == {world.county: {"accepted": 1}}
        assert second_reports.proposals() == []
    with world.work():
        actions = db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.startswith("rereport.")).order_by(AuditEntry.id)
        ).all()
        assert actions == [f"rereport.{act}" for act in ("demand", "submit", "return", "submit", "accept")]


@pytest.mark.parametrize("publish", ["names", "names+votes"])
def test_a_rating_proposes_what_it_graded_dissatisfied_and_one_act_asks_for_all(world, actors, publish):
    """Not where a second report is open already, and each once."""
    grades = ("dissatisfied", "satisfied", "dissatisfied", "dissatisfied")
    with world.work():
        trackings = make_tracked(4, department_id=world.departments["county"])
        make_rating(
            2027, [t.project for t in trackings], [(1, 1, 8, grade) for grade in grades], publish=publish
        )
        asked = {
            "due_on": date(2028, 3, 1),
            "reason": "测评为不满意。",
            "by": actors["office"],
            "now": at(2028, 1, 17),
        }
        second_reports.demand(trackings[0], **asked)
        (proposal,) = second_reports.proposals()
        assert [t.id for t in proposal.trackings] == [trackings[2].id, trackings[3].id]
        made = second_reports.demand_all(proposal.round, **asked)
        assert [(each.tracking_id, each.round_id) for each in made] == [
            (t.id, proposal.round.id) for t in proposal.trackings
        ]
        assert second_reports.proposals() == []
        with pytest.raises(RuleBroken, match=r"没有（或不再有）"):
            second_reports.demand_all(proposal.round, **asked)
        assert len(second_reports.due(date(2028, 2, 1))) == 3


def test_completing_a_project_does_not_depend_on_the_acceptance(world, tracked, actors):
    """It is said on the page that none is there; the government still decides."""
    with world.work():
        report(tracked["county"], 7, 100)
    with world.work():
        plans.finish(
            progress.get(tracked["county"]), "complete", by=actors["government"], now=AUGUST, on=AUGUST.date()
        )
        assert progress.get(tracked["county"]).state == TrackingState.DONE
