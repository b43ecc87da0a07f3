"""From suggestion to candidate in the demo year: what was merged, whom it went to, what became of it.

The county's forty suggestions become 34 matters, six of them merged from several; the units are asked in November, the
candidates linked once they are entered, the authors answered in December. `Course.of` counts within the suggestions of
one key of `Congress.suggested`.
"""

from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from votes.clock import local
from votes.demo.congress import Congress
from votes.demo.days import Add, moment
from votes.demo.projects import YEAR
from votes.models import Matter, Transfer
from votes.rules.people.actor import Actor
from votes.rules.suggestions.matters import Outcome, TransferState
from votes.services.suggestions import decisions, matters, merging, transfers

CANDIDATE, RESERVE, PROPOSAL = Outcome.CANDIDATE, Outcome.RESERVE, Outcome.DEPUTY_PROPOSAL
DECLINED, OUT = Outcome.DECLINED, Outcome.OUT_OF_SCOPE


class Course(NamedTuple):
    """One matter of the county: which suggestions, what it is called, and how it went."""

    key: str
    of: tuple[int, ...]
    title: str
    outcome: Outcome = CANDIDATE
    opinion: str = "情况属实，群众需求集中，当年可以实施，建议纳入候选项目。"
    reason: str = ""
    answer: str = ""
    unit: str = ""  # where it is not the candidate's
    wrong: str = ""  # the unit that sent it back
    slow: bool = False  # a complex one, answered and decided late
    asked: bool = True


# fmt: off
COUNTY = (
    Course("road", (0, 1), "河口村至上坪村公路拓宽和安装护栏"),
    Course("road", (2,), "河口桥等危桥重建"),
    Course("road", (3,), "松坡村通村路增设会车道和护栏"),
    Course("road", (4,), "渡口村至码头道路安装路灯和护栏", RESERVE, "路段属村内道路，需与码头改造统筹设计，建议列入储备。", "须与渡口码头改造一并设计，待上级码头改造计划下达后实施。", "您反映的路段安全隐患属实。因须与渡口码头改造一并设计，已转入民生实事项目储备库，交通部门已先行增设反光警示桩。"),
    Course("housing", (0, 2), "粮食局、农机厂等家属院改造"),
    Course("housing", (1,), "老旧住宅楼加装电梯"),
    Course("parking", (0, 1), "县医院和县一小周边停车场建设"),
    Course("parking", (2,), "公共停车场配建充电桩"),
    Course("care", (0, 2), "社区和村老年助餐点及送餐"),
    Course("care", (1,), "增加失能老人护理床位"),
    Course("water", (0,), "高岭村供水管道防冻改造"),
    Course("water", (1,), "渡口村自来水加压"),
    Course("water", (2,), "苇塘村换水管并公布水质", wrong="示例县卫生健康局"),
    Course("water", (3,), "高岭村五组供水延伸", RESERVE, "管线长、户数少，需与整组搬迁规划衔接，建议列入储备。", "须与易地搬迁后续规划衔接，暂不具备当年实施条件。", "高岭村五组的供水已列入储备库，实施前由水利部门每周送水，请您放心。"),
    Course("sewage", (0, 2), "湖滨村和沿湖农家乐污水收集处理"),
    Course("sewage", (1,), "苇塘村旱厕和污水沟改造"),
    Course("kindergarten", (0,), "城东新区新建公办幼儿园"),
    Course("kindergarten", (1,), "湖镇中心幼儿园扩建"),
    Course("kindergarten", (2,), "河镇公办幼儿园建设"),
    Course("clinic", (0, 2), "乡镇卫生院配备 CT、彩超等设备"),
    Course("clinic", (1,), "村卫生室配齐设备和远程会诊"),
    Course("riverside", (0,), "县城北岸健身步道建设"),
    Course("riverside", (1,), "滨河口袋公园和健身器材"),
    Course("market", (0,), "县城中心市场改造"),
    Course("market", (1,), "河镇市场改造和规范摆摊"),
    Course("jobs", (0,), "零工市场建设"),
    Course("jobs", (1,), "家政、护理等技能培训"),
    Course("jobs", (2,), "零工市场设法律咨询和欠薪维权窗口", RESERVE, "可在零工市场建成后增设，建议列入储备。", "待零工市场建成后，由人社、司法部门统筹增设。", "您的建议很有针对性，已转入储备库，零工市场建成后优先落实。"),
    Course("home", (0,), "困难残疾人家庭无障碍改造"),
    Course("home", (1,), "重度残疾人和高龄困难老人家庭逐户评估改造"),
    Course("", (1,), "宅基地纠纷处理", OUT, reason="已经人民法院判决的事项不属于民生实事项目征集范围，请依法申请执行或申诉；如需法律帮助，可联系县公共法律服务中心。", answer="您反映的事项法院已经判决，不在征集范围内。县公共法律服务中心可以为您提供免费咨询。", asked=False),
    Course("", (2,), "建设大型体育馆和游泳馆", DECLINED, "投资约 3.2 亿元，超出县级财力，且当年不能建成。", "投资规模超出本级财力，当年不能办成，不符合民生实事项目的条件。", "感谢您对体育事业的关心。场馆投资较大，暂不能列入；县里正在建设滨河健身步道和口袋公园，可先满足日常健身需要。", unit="示例县文体旅游局"),
    Course("", (3,), "高岭村二组通信基站建设", OUT, reason="通信基站由通信企业建设，不属于财政投资的民生实事项目。", answer="已将您的建议转交通信企业，企业答复列入 2027 年基站建设计划。", asked=False),
    Course("", (4,), "城东片区增加公交班次", PROPOSAL, "需购置车辆并调整线网，涉及公交企业成本补贴，宜作为代表建议专题办理。", "涉及线网调整和成本补贴，转为代表建议，由交通运输局专题办理并答复。", "您反映的城东公交问题已转为代表建议，由县交通运输局专题办理，预计六个月内答复。", unit="示例县交通运输局", slow=True),
)
#: The next year's, opened in July: one is under way at midyear.
NEXT = (
    Course("", (6,), "河口村开通到县城的公交", opinion="", unit="示例县交通运输局"),
    Course("", (5,), "城东停车场增加照明和监控", RESERVE, "可由运营单位先行改造，建议列入储备。", "由运营单位先行整改，未完成部分列入储备。", unit="示例县城市管理局"),
    Course("", (7, 10), "苇塘村儿童活动室建设", CANDIDATE, "村级活动场所可以改造利用，建议纳入候选项目。", unit="示例县民政局"),
    Course("", (8,), "山区村应急避难点建设", opinion="", unit="示例县住房和城乡建设局"),
)
# fmt: on
LINKED = "您的建议已纳入{year}年民生实事候选项目“{name}”，将提交县人民代表大会票决。结果公布后，凭查询码可以继续查看进展。"
_OPENED, _SENT, _DECIDED = date(YEAR - 1, 11, 2), date(YEAR - 1, 11, 3), date(YEAR - 1, 11, 20)
_ANSWERED = date(YEAR - 1, 12, 10)


def write(congress: Congress, add: Add) -> None:
    """Merging, asking, deciding, answering; in the townships without asking: their offices know."""
    if congress.parent is not None:
        add(moment(date(YEAR - 1, 11, 3), 10), partial(_open_town, congress))
        add(moment(date(YEAR - 1, 12, 5), 15), partial(_decide_town, congress))
        return
    county = County(congress)
    for order, course in enumerate(COUNTY):
        at, later = 9 + order // 8, order % 8 * 7
        add(moment(_OPENED, at, later), partial(county.open, course))
        if course.asked:
            add(moment(_SENT, at, later), partial(county.send, course))
            days = 8 + order % 5 if not course.slow else 49
            if course.wrong:
                add(moment(date(YEAR - 1, 11, 5), 11), partial(county.send_back, course))
                add(moment(date(YEAR - 1, 11, 6), 9), partial(county.send_again, course))
            add(moment(_SENT + timedelta(days=days), at, later), partial(county.answer, course))
        decided = date(YEAR, 1, 8) if course.slow else _DECIDED
        add(moment(decided, at, later), partial(county.decide, course))
        if not course.slow:
            add(moment(_ANSWERED + timedelta(days=order % 3), at, later), partial(county.reply, course))
    _write_next(county, add)


def _write_next(county: "County", add: Add) -> None:
    """The next year's: one is with its unit at midyear, the others follow in autumn; one answer is overdue in winter,
    and what was kept in reserve is taken up."""
    for order, course in enumerate(NEXT):
        opened = date(YEAR, 7, 6) if order == 0 else date(YEAR, 11, 3)
        add(moment(opened, 15, order), partial(county.open, course))
        due = date(YEAR, 7, 14) if order == 0 else date(YEAR, 12, 20)
        add(moment(opened, 16, order), partial(county.send, course, due_on=due))
        if course.opinion:
            add(moment(date(YEAR, 11, 18), 10, order), partial(county.answer, course))
    reserve = next(each for each in COUNTY if each.key == "road" and each.outcome == RESERVE)
    bus = NEXT[0]._replace(
        outcome=PROPOSAL,
        opinion="可由现有线路延伸，每日往返两班，8 月试运行，不必列为项目。",
        reason="由交通运输局直接办理，8 月起延伸线路。",
        answer="河口村公交 8 月 1 日起试运行，每日往返两班。",
    )
    add(moment(date(YEAR, 7, 13), 10), partial(county.answer, bus))
    add(moment(date(YEAR, 7, 20), 10), partial(county.decide, bus))
    add(moment(date(YEAR, 7, 20), 11), partial(county.reply, bus))
    add(moment(date(YEAR, 11, 25), 10), partial(county.decide, NEXT[1]))
    add(moment(date(YEAR, 11, 25), 15), partial(county.merge, reserve))


# --- the county ------------------------------------------------------------------------------------------


class County:
    """The county's acts upon its matters, each found by the suggestions that it was opened with."""

    def __init__(self, congress: Congress) -> None:
        self.congress = congress
        self.made: dict[tuple[str, tuple[int, ...]], Matter] = {}

    def open(self, course: Course, now: datetime) -> None:
        said = self.congress.suggested[course.key]
        self.made[course.key, course.of] = merging.open_matter(
            [said[place] for place in course.of], title=course.title, by=self.congress.office, now=now
        )

    def send(self, course: Course, now: datetime, *, due_on: date | None = None) -> None:
        unit = self.congress.units[course.wrong] if course.wrong else self._unit(course)
        transfers.send(
            self._matter(course),
            unit.department_id,
            instruction="请会同有关乡镇现场核实，提出可行性、投资匡算、用地和资金条件及完成时限。",
            complex=course.slow,
            due_on=due_on or (date(YEAR, 4, 30) if course.slow else date(YEAR - 1, 11, 30)),
            by=self.congress.office,
            now=now,
        )

    def send_again(self, course: Course, now: datetime) -> None:
        transfers.send(
            self._matter(course),
            self._unit(course).department_id,
            instruction="水质监测请卫生健康部门配合，管网改造由你单位研究。",
            due_on=date(YEAR - 1, 11, 30),
            by=self.congress.office,
            now=now,
        )

    def send_back(self, course: Course, now: datetime) -> None:
        transfers.send_back(
            self._latest(course),
            "供水管网改造属水利部门职责，我单位负责水质监测。",
            by=self.congress.units[course.wrong],
            now=now,
        )

    def answer(self, course: Course, now: datetime) -> None:
        by = self._unit(course)
        transfers.answer(
            self._latest(course), opinion=course.opinion, proposal=course.outcome, by=by, now=now
        )

    def decide(self, course: Course, now: datetime) -> None:
        decisions.decide(
            self._matter(course),
            course.outcome,
            reason=course.reason,
            answer=course.answer if course.slow else "",
            project_id=self.congress.projects[course.key].id if course.outcome == CANDIDATE else None,
            by=self.congress.government,
            now=now,
        )

    def reply(self, course: Course, now: datetime) -> None:
        matter = self._matter(course)
        name = matter.project.name if matter.project else ""
        answer = course.answer or LINKED.format(year=YEAR, name=name)
        decisions.reply(matter, answer, by=self.congress.government, now=now)

    def merge(self, course: Course, now: datetime) -> None:
        """The same was suggested again: out of the reserve, together with it."""
        merging.merge(
            self._matter(course), [self.congress.suggested[""][9]], by=self.congress.office, now=now
        )

    def _matter(self, course: Course) -> Matter:
        return self.made[course.key, course.of]

    def _latest(self, course: Course) -> Transfer:
        return next(
            each for each in reversed(self._matter(course).transfers) if each.state == TransferState.SENT
        )

    def _unit(self, course: Course) -> Actor:
        if course.unit:
            return self.congress.units[course.unit]
        return next(self.congress.units[e.unit] for e in self.congress.candidates if e.key == course.key)


# --- townships -------------------------------------------------------------------------------------------


def _open_town(congress: Congress, now: datetime) -> None:
    """What is about one thing becomes one matter, under the candidate's name where there will be one."""
    names = {each.key: each.name for each in congress.candidates}
    for key, said in congress.suggested.items():
        if key:
            merging.open_matter(said, title=names[key], by=congress.office, now=now)
        else:
            merging.open_each(said, by=congress.office, now=now)


def _decide_town(congress: Congress, now: datetime) -> None:
    by_name = {project.name: project for project in congress.projects.values()}
    for row in matters.page(matters.search(matters.Filter(YEAR, local(now).date())), 1):
        project = by_name.get(row.matter.title)
        decisions.decide(
            row.matter,
            CANDIDATE if project else OUT,
            project_id=project.id if project else None,
            reason="" if project else "属于个别家庭或上级事权的事项，不在本级民生实事项目征集范围内。",
            answer=LINKED.replace("县人民代表大会", "人民代表大会").format(year=YEAR, name=project.name)
            if project
            else "感谢您的建议。该事项不在本级民生实事项目征集范围内，已转有关单位了解情况。",
            by=congress.office,
            now=now,
        )
