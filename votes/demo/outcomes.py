"""What changes the demo year's promises and what judges them: two adjustments, acceptances, citizens' ratings, a second
report after 不满意. Nobody in it is a real person."""

import hashlib
import random
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select

from votes.clock import local
from votes.db import db
from votes.demo import autumn
from votes.demo.congress import Congress
from votes.demo.days import Add, moment
from votes.demo.projects import YEAR
from votes.models import Tracking
from votes.rules.delivery.acceptances import RECORDER, AcceptanceKind, Conclusion, Item, Mark
from votes.rules.delivery.adjustments import AdjustmentCause, AdjustmentKind
from votes.rules.people.roles import Role
from votes.services.delivery import acceptances, adjustments
from votes.services.supervision import citizen_ratings, second_reports

# --- adjustments ---------------------------------------------------------------------------------------

TARGET = (
    "10 月底前完成可以施工的 26 个村的管网和处理设施并试运行，年底前污水得到收集；6 个岩石段村庄 2028 年 6 月底前完成。"
    "32 个村生活污水治理率达到 75%。"
)
ROCK = (
    "6 个村的管线走向上岩石段比勘察时多 3.4 公里，须爆破施工；爆破审批和避让汛期需要时间，处理设施不能按期全部建成。"
    "县政府第 14 次常务会议研究，建议调整年度目标和完成时限。"
)
FLOOD = "汛期河道涨水，停工避险 12 天，架梁须在水位回落后进行，完成时限顺延一个月，建设内容和投资不变。"


def write(congress: Congress, add: Add) -> None:
    """Enter the congress's adjustments, acceptances, ratings and second report into the diary."""
    if congress.parent is None:
        add(moment(date(YEAR, 8, 26), 10), partial(_apply_major, congress))
        add(moment(date(YEAR, 9, 28), 16), partial(_decide, congress, "sewage", "示例常发〔2027〕21号", "同意。请县政府加强调度，确保 26 个村年内见效，并向下次人民代表大会报告。"))  # fmt: skip
        add(moment(date(YEAR, 9, 30), 10), partial(_announce, congress, "sewage"))
        add(moment(date(YEAR, 9, 30), 15), partial(_plan_anew, congress))
        add(autumn.RATED_AT + timedelta(days=1, hours=1), partial(_demand, congress))
    if congress.place.code == "shilishan":
        add(moment(date(YEAR, 9, 8), 10), partial(_apply_minor, congress))
        add(moment(date(YEAR, 9, 14), 15), partial(_decide, congress, "bridge", "示例山乡人大主席团纪要〔2027〕6号", "同意顺延，施工单位做好度汛安全。"))  # fmt: skip
    _write_acceptances(congress, add)
    if congress.parent is None:
        for key, rated in RATED.items():
            _write_ratings(congress, add, key, rated)


def _tracking(congress: Congress, key: str) -> Tracking:
    """As it stands; without its reports, which nothing here asks for."""
    project_id = congress.projects[key].id
    found = db.session.scalar(select(Tracking).where(Tracking.project_id == project_id))
    assert found is not None
    return found


def _apply_major(congress: Congress, now: datetime) -> None:
    adjustments.apply(
        _tracking(congress, "sewage"),
        AdjustmentKind.MAJOR,
        cause=AdjustmentCause.OTHER,
        reason=ROCK,
        wanted={"target": TARGET, "due_on": date(YEAR + 1, 6, 30)},
        by=congress.government,
        now=now,
    )


def _apply_minor(congress: Congress, now: datetime) -> None:
    adjustments.apply(
        _tracking(congress, "bridge"),
        AdjustmentKind.MINOR,
        cause=AdjustmentCause.FORCE_MAJEURE,
        reason=FLOOD,
        wanted={"due_on": date(YEAR, 11, 15)},
        by=congress.government,
        now=now,
    )


def _decide(congress: Congress, key: str, number: str, opinion: str, now: datetime) -> None:
    waiting = adjustments.pending(_tracking(congress, key).id)
    assert waiting is not None
    adjustments.decide(
        waiting,
        approved=True,
        organ=adjustments.organ(waiting),
        document_number=number,
        decided_on=local(now).date(),
        opinion=opinion,
        by=congress.office,
        now=now,
    )


def _announce(congress: Congress, key: str, now: datetime) -> None:
    made = adjustments.of(_tracking(congress, key))[0]
    notice = adjustments.usual_notice(made)
    adjustments.announce(made, notice=notice, announced_on=local(now).date(), by=congress.office, now=now)


#: What is left of the plan once the goal and the time limit have been moved: name, day, per cent.
ANEW = (
    ("26 个村的管网和处理设施试运行", date(YEAR, 10, 31), 80),
    ("26 个村污水得到收集", date(YEAR, 12, 31), 90),
    ("6 个岩石段村庄管线贯通", date(YEAR + 1, 4, 30), 96),
)


def _plan_anew(congress: Congress, now: datetime) -> None:
    """The unit lays its milestones by the decision: those reached or past half stay, the others are put differently."""
    congress.replan("sewage", ("施工图审查和招标完成", "管网铺设过半"), ANEW, now)


def _demand(congress: Congress, now: datetime) -> None:
    """The projects rated 不满意 in January are to be reported on again."""
    for proposal in second_reports.proposals():
        second_reports.demand_all(
            proposal.round,
            due_on=date(YEAR + 1, 3, 20),
            reason=f"在{proposal.round.session.title}的满意度测评中，测评结果为不满意。请就年内 2 个村没有完成的原因、整改措施、6 个岩石段村庄的"
            "资金安排和 2028 年分月计划再次报告。",
            by=congress.office,
            now=now,
        )


# --- acceptance ----------------------------------------------------------------------------------------

#: What was not wholly met, by project: dimension → what was found.
SHORT = {
    "parking": {"信息公开情况": "收费标准已公示，2 处停车场的余位显示屏待接入。"},
    "road": {"后续管护安排": "养护合同已签，示例山乡段养护人员尚未到岗。"},
    "housing": {"群众受益情况": "2 个单元的门禁须再调试。"},
}
#: The projects whose deputies' acceptance has a picture.
PICTURED = ("parking", "road")
OPINIONS = {
    AcceptanceKind.WORKS: "按批准的内容全部建成，资料齐全，同意通过竣工验收。",
    AcceptanceKind.DEPUTIES: "实地察看、随机走访并查阅台账，目标基本实现，群众反映较好；请责任单位落实长效管护。",
}


def _ends(congress: Congress) -> dict[str, date]:
    """The completed projects and the day on which each was."""
    found = {key: course.accepted_on for key, course in congress.plans.items() if course.accepted_on}
    rest = autumn.ALL.get(congress.place.code, {})
    return found | {key: each.completed_on for key, each in rest.items() if each.completed_on}


def _write_acceptances(congress: Congress, add: Add) -> None:
    for place, (key, day) in enumerate(_ends(congress).items()):
        # on the day itself, before it is called completed; deputies look a week later
        add(moment(day, 11, place * 3), partial(_accept, congress, key, AcceptanceKind.WORKS))
        if congress.parent is None:
            add(
                moment(day + timedelta(days=6), 15, place * 3),
                partial(_accept, congress, key, AcceptanceKind.DEPUTIES),
            )


def _accept(congress: Congress, key: str, kind: AcceptanceKind, now: datetime) -> None:
    tracking, place = _tracking(congress, key), congress.place.place
    short = SHORT.get(key, {}) if kind == AcceptanceKind.DEPUTIES else {}
    works = kind == AcceptanceKind.WORKS
    candidate = next(c for c in congress.candidates if c.key == key)
    photos = []
    if key in PICTURED and not works:
        photos = [congress.photo(key, "accepted", "验收现场")]
    acceptances.record(
        tracking,
        kind,
        held_on=local(now).date(),
        held_by=f"{candidate.unit}组织，各参建单位参加" if works else f"{place}人大常委会验收组",
        conclusion=Conclusion.PASSED,
        opinion=OPINIONS[kind],
        items=[
            Item(each, Mark.PARTLY if each in short else Mark.MET, short.get(each, ""))
            for each in acceptances.dimensions(tracking.body_id)
        ],
        by=congress.government if RECORDER[kind] == Role.GOVERNMENT else congress.office,
        now=now,
        photos=photos,
        caption="代表验收现场（示例）" if photos else "",
    )


# --- citizens ------------------------------------------------------------------------------------------

#: Key → (from which day, how many phones, of a hundred 满意, 基本满意).
RATED = {
    "parking": (date(YEAR, 5, 10), 26, 70, 22),
    "road": (date(YEAR, 5, 18), 19, 62, 28),
    "home": (date(YEAR, 6, 2), 14, 86, 14),
    "sewage": (date(YEAR, 6, 12), 17, 18, 34),
}
#: Key → (which of its phones, grade, what it said, answer, published, note to the unit).
SAID: dict[str, tuple[tuple[int, str, str, str, bool, str], ...]] = {
    "parking": (
        (6, "satisfied", "县医院旁边的车位好找多了，晚上灯也亮，就是出口左转有点难。", "感谢您的意见。出口已增设左转待行标线和反光镜，已于 7 月 1 日完成。", True, "群众反映县医院停车场出口左转视线不好，请增设标线和反光镜。"),
        (11, "basically", "充电桩希望再多几台快充的。", "", False, ""),
    ),
    "road": ((5, "basically", "路宽了好走，施工时扬尘大，请多洒水。", "", False, ""),),
    "home": ((2, "satisfied", "给老人装了扶手和坡道，洗澡方便了，谢谢。", "您的肯定是对我们的鼓励。两年质保期内有问题可随时拨打公示的维修电话。", True, ""),),
    "sewage": (
        (1, "dissatisfied", "村口的管沟挖开两个月了还没有填，下雨全是泥。", "已转责任单位限期回填，恢复通行。", False, "群众反映村口管沟开挖两个月未回填，雨天泥泞，请限期回填并设置便道。"),
        (8, "dissatisfied", "说好八月建成，现在还看不到人干活。", "", False, ""),
    ),
}  # fmt: skip


def _write_ratings(congress: Congress, add: Add, key: str, rated: tuple[date, int, int, int]) -> None:
    first, phones, satisfied, basically = rated
    dice = random.Random(f"{congress.place.code} {key} rated")
    last = date(YEAR, 12, 20)
    said = {each[0]: each for each in SAID[key]}
    for phone in range(phones):
        day = first + timedelta(days=int((last - first).days * phone / phones))
        roll = dice.randrange(100)
        grade = (
            "satisfied"
            if roll < satisfied
            else "basically"
            if roll < satisfied + basically
            else "dissatisfied"
        )
        comment = ""
        if phone in said:
            _, grade, comment, *_ = said[phone]
        when = moment(day, 8 + dice.randrange(12), dice.randrange(60))
        add(when, partial(_rate, congress, key, phone, grade, comment))
        if phone in said and (said[phone][3] or said[phone][5]):
            add(when + timedelta(days=2), partial(_handle, congress, key, comment, said[phone]))


def _rate(congress: Congress, key: str, phone: int, grade: str, comment: str, now: datetime) -> None:
    digest = hashlib.sha256(f"{congress.place.code} {key} {phone}".encode()).hexdigest()[:40]
    citizen_ratings.rate(_tracking(congress, key), grade=grade, comment=comment, phone=digest, now=now)


def _handle(
    congress: Congress, key: str, comment: str, said: tuple[int, str, str, str, bool, str], now: datetime
) -> None:
    _, _, _, reply, published, note = said
    wanted = citizen_ratings.Filter(tracking_id=_tracking(congress, key).id, q=comment[:6])
    for rating in citizen_ratings.page(citizen_ratings.comments(wanted), 1)[0]:
        citizen_ratings.handle(
            rating, reply=reply, published=published, note_to_unit=note, by=congress.office, now=now
        )
