"""What deputies watch over in the demo year: groups, inspections in April, June and September, notes, 督办件.

The county's red project (养老服务中心) is inspected on 15 June: two findings, both routed; one is put right at once, the
other fails its second look and passes in October. At midyear one 督办件 (污水治理) is overdue, one waits for a second look,
one is due in two days, and one finding has just come in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from votes.clock import local
from votes.demo.congress import Congress
from votes.demo.days import Add, moment
from votes.demo.projects import YEAR
from votes.models import InspectionNote, Rectification, Tracking
from votes.rules.people.actor import Actor
from votes.rules.supervision.supervision import InspectionKind
from votes.services import uploads
from votes.services.delivery import trackings
from votes.services.supervision import groups, inspection_notes, inspections, overview, rectifications

VISIT, RESEARCH, SECRET = InspectionKind.VISIT, InspectionKind.RESEARCH, InspectionKind.UNANNOUNCED


def _day(month: int, day: int) -> date:
    return date(YEAR, month, day)


@dataclass(frozen=True)
class Visit:
    """An inspection: entered into the plan on ``entered``, held on ``on``; who of the group did not come (``missing``)."""

    key: str
    kind: InspectionKind
    theme: str
    entered: date
    on: date
    place: str
    summary: str
    missing: int = 0


@dataclass(frozen=True)
class Seen:
    """A deputy's note: ``who`` of the group (0: the one whose account is shown), and what became of it."""

    key: str
    on: date
    text: str
    place: str = ""
    finding: bool = False
    who: int = 0
    photo: str = ""  # its caption; "" for none
    visit: bool = False  # written at the project's inspection of that day
    shown: date | None = None
    settled: tuple[date, str] | None = None
    order: "Order | None" = None


@dataclass(frozen=True)
class Told:
    """A unit's answer and the second look at it: (day, measures, result), then (day, opinion, new due day) or a pass."""

    on: date
    measures: str
    result: str
    checked: date
    passed: bool = True
    opinion: str = ""
    again: date | None = None
    photo: str = ""


@dataclass(frozen=True)
class Order:
    """A 督办件 made of a note."""

    on: date
    problem: str
    demand: str
    due: date
    person: str
    answers: tuple[Told, ...] = field(default=())
    published: bool = True


#: 领衔 and 对口工委 of the county's ten.
GROUPS: dict[str, tuple[str, str]] = {
    "road": ("县人大常委会副主任 示例甲", "农业农村工委"),
    "housing": ("县人大常委会副主任 示例乙", "城建环资工委"),
    "kindergarten": ("县人大常委会副主任 示例丙", "教科文卫工委"),
    "clinic": ("县人大常委会副主任 示例丙", "教科文卫工委"),
    "care": ("县人大常委会主任 示例丁", "社会建设工委"),
    "water": ("县人大常委会副主任 示例甲", "农业农村工委"),
    "sewage": ("县人大常委会副主任 示例乙", "城建环资工委"),
    "parking": ("县人大常委会副主任 示例戊", "财经工委"),
    "home": ("县人大常委会副主任 示例戊", "社会建设工委"),
    "jobs": ("县人大常委会副主任 示例戊", "社会建设工委"),
}

# fmt: off
VISITS: tuple[Visit, ...] = (
    Visit("road", VISIT, "农村公路路基施工视察", _day(3, 25), _day(4, 14), "示例河镇段、示例山乡段", "沿线察看路基加宽和 2 座危桥下部结构施工，听取交通运输部门汇报。代表认为进度符合计划，建议雨季前完成边沟，抓紧杆线迁改。"),
    Visit("housing", VISIT, "老旧小区改造视察", _day(3, 25), _day(4, 16), "城东片区 4 个小区", "入户走访 12 户，察看管网施工现场。代表建议管线探测先行、沟槽当日回填，运料避开夜间休息时段。", 1),
    Visit("kindergarten", RESEARCH, "公办幼儿园建设调研", _day(3, 25), _day(4, 21), "城东园、河镇园", "察看两所园主体施工，听取教育部门关于师资配备的说明。代表建议同步招聘教师，开园前通风检测不少于 40 天。"),
    Visit("water", VISIT, "农村饮水安全工程视察", _day(3, 25), _day(4, 23), "示例山乡水厂", "察看水厂改造和管网更换现场，抽看管材检验报告，质量合格。代表建议停水施工提前两天告知群众。", 1),
    Visit("sewage", SECRET, "农村生活污水治理暗访", _day(5, 28), _day(6, 9), "示例湖沿线 3 个村", "未打招呼察看 3 个村的管网和处理设施。2 个村沟槽开挖后未及时回填，1 处检查井没有盖板，已转督办。"),
    Visit("care", VISIT, "养老服务中心和助餐点建设视察", _day(6, 1), _day(6, 15), "养老服务中心工地、城东社区助餐点", "常委会领导带队，代表察看养老服务中心工地和 3 个助餐点。项目用地批准较晚，形象进度严重落后，现场力量不足；1 个助餐点排烟和坡道不符合要求。两项问题转督办，列入重点督办项目。"),
    Visit("jobs", RESEARCH, "零工市场运行情况调研", _day(6, 1), _day(6, 17), "城东零工市场", "与务工人员、用工单位座谈。代表建议延长早市时间，增设雨棚和饮水点，培训按用工需求设班。", 1),
    Visit("road", VISIT, "农村公路路面和护栏视察", _day(6, 25), _day(9, 8), "示例湖镇段", "察看路面铺筑和护栏安装，随机钻芯 3 处，厚度合格。代表建议交工检测邀请沿线村民监督员参加。"),
    Visit("clinic", VISIT, "乡镇卫生院能力提升视察", _day(6, 25), _day(9, 10), "示例河镇卫生院", "察看新装设备和改造后的诊室，询问群众就诊感受。代表建议落实影像诊断人员，避免设备闲置。"),
    Visit("sewage", SECRET, "农村生活污水治理回访暗访", _day(6, 25), _day(7, 20), "示例湖沿线 3 个村", "回访 3 个村，沟槽已回填，盖板已补齐；总体进度仍然落后，需要加快。"),
    Visit("care", VISIT, "养老服务中心建设再次视察", _day(6, 25), _day(9, 15), "养老服务中心工地", "察看主体施工和助餐点开餐情况。两班作业已落实，进度明显加快，仍需倒排工期。"),
    Visit("housing", VISIT, "老旧小区改造收尾视察", _day(6, 25), _day(9, 17), "城南片区 3 个小区", "察看楼道修缮和加装电梯，走访居民 20 户，群众总体满意。代表建议建立长效物业管理。", 1),
    Visit("water", VISIT, "农村饮水水质视察", _day(6, 25), _day(9, 22), "示例湖镇 2 个村", "入户看水、尝水、问水，查看水质检测报告。代表建议每季度公示一次水质。"),
)

NOTES: tuple[Seen, ...] = (
    Seen("road", _day(4, 14), "路基压实和边沟砌筑规范，现场有质量检测记录。施工便道洒水及时，群众没有意见。", "示例河镇段", visit=True, photo="路基施工", shown=_day(4, 16)),
    Seen("housing", _day(4, 16), "管网沟槽夜间没有围挡和警示灯，老人出行不便。", "城东片区 2 号院", finding=True, visit=True, who=1,
         settled=(_day(4, 19), "住房城乡建设部门当日补设围挡 160 米、警示灯 24 盏，人大办现场核实。"), shown=_day(4, 20)),
    Seen("kindergarten", _day(4, 21), "主体已到二层，混凝土外观平整。建议预留雨天接送的风雨连廊。", "城东园", visit=True, shown=_day(4, 23)),
    Seen("sewage", _day(6, 9), "村道旁沟槽开挖后四天没有回填，一处检查井没有盖板，只用木板遮挡，夜间有行人经过。", "示例湖沿线", finding=True, visit=True, who=1, photo="未回填的沟槽", shown=_day(6, 12),
         order=Order(_day(6, 11), "示例湖沿线 2 个村污水管网沟槽开挖后超过三天未回填，1 处检查井无盖板，仅以木板遮挡，存在安全隐患。",
                     "立即加装盖板和警示标志；沟槽当日开挖当日回填，全面排查同类问题并报排查结果。", _day(6, 26), "县生态环境局副局长（示例）",
                     (Told(_day(7, 15), "7 月 10 日前回填全部沟槽，更换检查井盖板 1 处；对 32 个村开展排查。", "排查发现同类问题 5 处，已全部整改；建立开挖、回填日报制度。", _day(7, 28), opinion="现场复查 3 个村，盖板牢固，沟槽已回填并恢复路面。整改到位。"),))),
    Seen("care", _day(6, 15), "养老服务中心工地只有一套桩机、十几名工人，问到的几名工人都说不清本月要完成多少。照这样年底完不成。", "养老服务中心工地", finding=True, visit=True, photo="养老服务中心工地", shown=_day(6, 18),
         order=Order(_day(6, 16), "区域养老服务中心 6 月中旬仍未进入基础施工，现场桩机和作业人员不足，没有按周分解的施工计划，进度严重滞后。",
                     "增加桩机和作业班组，实行两班作业；编制按周分解的赶工计划并上墙公示；基础工程 9 月底前完成。", _day(7, 3), "县民政局局长（示例）",
                     (Told(_day(6, 30), "编制赶工计划，增加桩机一套。", "第二套桩机已进场，赶工计划已上墙。", _day(7, 6), passed=False, opinion="第二套桩机未投入使用，仍为一班作业，赶工计划没有分解到周。整改不到位。", again=_day(9, 30)),
                      Told(_day(9, 25), "两套桩机、两班作业连续施工，按周调度；县政府每半月现场办公一次。", "基础工程和一层结构全部完成，累计完成桩基 186 根，施工人员增至 74 人。", _day(10, 12), opinion="代表和工作人员现场复查，基础和一层结构已完成，两班作业落实。整改到位，继续跟踪工期。", photo="主体施工")))),
    Seen("care", _day(6, 15), "城东社区助餐点厨房排烟管没有接通，门口坡道太陡，坐轮椅的老人自己上不去。", "城东社区助餐点", finding=True, visit=True, who=1, shown=_day(6, 18),
         order=Order(_day(6, 16), "城东社区助餐点厨房排烟管道未接通即开餐，入口坡道坡度过大，不符合无障碍要求。",
                     "接通排烟管道并经检测合格；坡道改造为不大于 1:12 并加装扶手；对已开餐的助餐点逐一排查。", _day(7, 5), "县民政局副局长（示例）",
                     (Told(_day(7, 1), "停餐三天完成排烟管道安装；重做坡道，加装双侧扶手；排查其余 6 个助餐点。", "排烟检测合格，坡道坡度 1:12；其余助餐点整改坡道 2 处。", _day(7, 7), opinion="代表现场试用轮椅通行，符合要求。整改到位。"),))),
    Seen("jobs", _day(6, 17), "零工市场早上五点半就有人等候，六点半才开门。希望把开门时间提前。", "城东零工市场", finding=True, visit=True,
         settled=(_day(6, 22), "人力资源社会保障部门自 6 月 21 日起将开门时间提前到五点半。")),
    Seen("housing", _day(6, 20), "城南一个小区外墙脚手架没有满铺安全网，下方就是居民出入口。", "城南片区 5 号院", finding=True, who=1,
         order=Order(_day(6, 21), "城南片区 5 号院外墙脚手架安全网不连续，单元出入口上方没有防护棚。", "补齐安全网，出入口搭设防护棚，并对所有在建小区开展一次安全检查。", _day(7, 10), "县住房和城乡建设局副局长（示例）",
                     (Told(_day(7, 6), "补挂安全网 420 平方米，搭设防护棚 6 处；检查在建小区 18 个。", "检查发现隐患 9 处，已整改 9 处。", _day(7, 16), opinion="现场复查，安全网和防护棚齐全。整改到位。", photo="补挂安全网"),))),
    Seen("clinic", _day(6, 26), "改造期间临时诊室没有候诊座椅，老人站着排队。", "示例湖镇卫生院", finding=True,
         order=Order(_day(6, 28), "示例湖镇卫生院改造期间临时诊室候诊区没有座椅和遮阳，老年患者站立候诊。", "增设候诊座椅和遮阳棚，安排导诊人员，改造期间不降低服务。", _day(7, 10), "县卫生健康局副局长（示例）",
                     (Told(_day(7, 9), "增设座椅 40 个、遮阳棚 2 处，安排导诊员 2 名。", "7 月 9 日全部到位。", _day(7, 20), opinion="现场复查，座椅、遮阳棚和导诊员到位。整改到位。"),), published=False)),
    Seen("parking", _day(6, 29), "县医院停车场已经启用，车位标线清楚，充电桩能用，高峰时仍要排队。", "县人民医院", shown=_day(7, 2), photo="建成的停车位"),
    Seen("water", _day(7, 6), "两个村换管以后早晚水压偏低，三楼上不去水，村民反映了几次。", "示例山乡", finding=True,
         settled=(_day(7, 12), "水利部门 7 月 11 日调整加压泵站运行时段，早晚水压恢复正常，人大办电话回访属实。")),
    Seen("care", _day(9, 15), "两班作业已经落实，基础完成，一层结构正在绑扎钢筋。助餐点饭菜热乎，老人说方便。", "养老服务中心工地", visit=True, photo="一层结构施工", shown=_day(9, 17)),
)
# fmt: on

#: One inspection of each township's first project, and what a deputy of the presidium wrote.
TOWN = (
    "现场察看施工情况，听取负责人汇报，走访附近群众。进度符合计划，质量有人管。代表建议完工后明确管护责任。"
)


class Watch:
    """Who watches in one congress, and what they have made so far."""

    def __init__(self, congress: Congress) -> None:
        self.congress = congress
        self.orders: dict[int, Rectification] = {}

    def tracking(self, key: str) -> Tracking:
        found = trackings.of_project(self.congress.projects[key].id)
        assert found is not None
        return found

    def members(self, key: str) -> list[int]:
        """Ids of the deputies of a group: the one whose account is shown first, where they belong to it."""
        deputies = self.congress.deputies
        place = list(self.congress.plans).index(key)
        if self.congress.parent is not None:  # 1 主席团成员 ↔ 1 项目, and a neighbour
            return [deputies[place].id, deputies[(place + 3) % len(deputies)].id]
        shown = [deputies[1].id] if key in ("care", "road", "water", "jobs", "clinic", "kindergarten") else []
        step = max(len(deputies) // 12, 1)
        others = [deputies[(5 + place + i * step) % len(deputies)].id for i in range(5)]
        return [*shown, *(each for each in others if each not in shown)]

    def form(self, key: str, now: datetime) -> None:
        ids = self.members(key)
        lead, committee = GROUPS.get(key, ("", "")) if self.congress.parent is None else ("", "")
        groups.set_group(
            self.tracking(key),
            lead=lead,
            lead_deputy_id=None if lead else ids[0],
            committee=f"县人大{committee}" if committee else "",
            note="",
            deputy_ids=ids,
            by=self.congress.office,
            now=now,
        )

    def plan(self, visit: Visit, now: datetime) -> None:
        inspections.plan(
            self.tracking(visit.key),
            kind=visit.kind,
            theme=visit.theme,
            planned_on=visit.on,
            place=visit.place,
            deputy_ids=self.members(visit.key),
            by=self.congress.office,
            now=now,
        )

    def hold(self, visit: Visit, now: datetime) -> None:
        watch = overview.of_tracking(self.tracking(visit.key).id, secret=True)
        found = next(i for i in watch.inspections if i.theme == visit.theme)
        ids = self.members(visit.key)
        inspections.hold(
            found,
            held_on=visit.on,
            deputy_ids=ids[: len(ids) - visit.missing],
            summary=visit.summary,
            by=self.congress.office,
            now=now,
        )

    def see(self, seen: Seen, now: datetime) -> None:
        tracking = self.tracking(seen.key)
        deputy_id = self.members(seen.key)[seen.who]
        deputy = next(d for d in self.congress.deputies if d.id == deputy_id)
        about = f"t{tracking.id}"
        if seen.visit:
            watch = overview.of_tracking(tracking.id, secret=True)
            about = next(f"i{i.id}" for i in watch.inspections if inspections.day_of(i) == seen.on)
        by = Actor(name=deputy.name, deputy_id=deputy_id, body_id=deputy.body_id, home_body_id=deputy.body_id)
        inspection_notes.write(
            about,
            text=seen.text,
            place=seen.place,
            finding=seen.finding,
            photos=self.photos(seen.key, seen.on, seen.photo),
            by=by,
            now=now,
        )

    def photos(self, key: str, on: date, caption: str) -> Sequence[uploads.Prepared]:
        if not caption:
            return []
        congress = self.congress
        candidate = next(c for c in congress.candidates if c.key == key)
        percent = max((t.percent for t in congress.plans[key].reports if t.month <= on.month), default=0)
        return [
            congress._photograph(
                candidate, month=on.month, percent=percent, caption=f"{YEAR}年{on.month}月{on.day}日{caption}"
            )
        ]

    def note(self, seen: Seen) -> InspectionNote:
        query = inspection_notes.search(YEAR, q="").where(InspectionNote.text == seen.text)
        found: InspectionNote = inspection_notes.everything(query)[0]
        return found

    def show(self, seen: Seen, now: datetime) -> None:
        inspection_notes.publish(
            self.note(seen), published=True, photos=bool(seen.photo), by=self.congress.office, now=now
        )

    def settle(self, seen: Seen, words: str, now: datetime) -> None:
        inspection_notes.settle(self.note(seen), words, by=self.congress.office, now=now)

    def order(self, seen: Seen, order: Order, now: datetime) -> None:
        tracking = self.tracking(seen.key)
        made = rectifications.issue(
            tracking,
            rectifications.Order(
                order.problem,
                order.demand,
                tracking.department_id or 0,
                order.person,
                order.due,
                order.published,
            ),
            note=self.note(seen),
            by=self.congress.office,
            now=now,
        )
        self.orders[id(order)] = made

    def _made(self, order: Order) -> Rectification:
        found = rectifications.get(self.orders[id(order)].id)
        assert found is not None
        return found

    def answer(self, key: str, order: Order, told: Told, now: datetime) -> None:
        rectifications.answer(
            self._made(order),
            measures=told.measures,
            result=told.result,
            photos=self.photos(key, told.on, told.photo),
            by=self.congress._unit_of(key),
            now=now,
        )

    def recheck(self, order: Order, told: Told, now: datetime) -> None:
        rectifications.recheck(
            self._made(order),
            passed=told.passed,
            rechecked_on=local(now).date(),
            rechecked_by="监督小组代表、县人大常委会办公室工作人员",
            opinion=told.opinion,
            due_on=told.again,
            by=self.congress.office,
            now=now,
        )


def write(congress: Congress, add: Add) -> None:
    """Enter what a congress's deputies watch over into the diary."""
    watch = Watch(congress)
    formed = date(YEAR, 3, 5) if congress.parent is None else date(YEAR, 3, 12)
    for order, key in enumerate(congress.plans):
        add(moment(formed, 9, order * 5), partial(watch.form, key))
    if congress.parent is not None:
        _write_town(watch, add)
        return
    for order, visit in enumerate(VISITS):
        add(moment(visit.entered, 15, order * 4), partial(watch.plan, visit))
        add(moment(visit.on, 17), partial(watch.hold, visit))
    for order, seen in enumerate(NOTES):
        add(moment(seen.on, 11, order), partial(watch.see, seen))
        if seen.shown:
            add(moment(seen.shown, 9, order), partial(watch.show, seen))
        if seen.settled:
            on, words = seen.settled
            add(moment(on, 16), partial(watch.settle, seen, words))
        if seen.order:
            add(moment(seen.order.on, 10, order), partial(watch.order, seen, seen.order))
            for told in seen.order.answers:
                add(moment(told.on, 15, order), partial(watch.answer, seen.key, seen.order, told))
                add(moment(told.checked, 16, order), partial(watch.recheck, seen.order, told))


def _write_town(watch: Watch, add: Add) -> None:
    key = next(iter(watch.congress.plans))
    for entered, on in ((_day(4, 6), _day(4, 20)), (_day(6, 25), _day(9, 9))):
        theme = f"{watch.congress.place.place}民生实事{'春季' if on.month < 7 else '秋季'}视察"
        visit = Visit(key, VISIT, theme, entered, on, "项目现场", TOWN)
        add(moment(entered, 15), partial(watch.plan, visit))
        add(moment(on, 17), partial(watch.hold, visit))
    seen = Seen(
        key,
        _day(4, 20),
        "现场整洁，材料有合格证，群众知道项目内容和完工时间。",
        "项目现场",
        visit=True,
        shown=_day(4, 22),
    )
    add(moment(seen.on, 11), partial(watch.see, seen))
    assert seen.shown is not None
    add(moment(seen.shown, 9), partial(watch.show, seen))
