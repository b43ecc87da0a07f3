"""The second half of the demo year: reports from July to December, how each project ended, and the deputies' rating.

Of the county's ten, eight are completed. Two go on to June 2028: 养老服务中心 (red at midyear, then put right) as it was voted for
two years, and 污水治理 by decision: behind since spring, moved in September, short of the new goal too, it is rated 不满意 by the
congress in January 2028.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial

from votes.clock import local
from votes.demo import marks
from votes.demo.congress import Congress
from votes.demo.days import Add, moment
from votes.demo.progress import NONE, Told
from votes.demo.projects import YEAR
from votes.rules.codes import new_code
from votes.rules.delivery.periods import next_month
from votes.rules.people.roles import TellerRole
from votes.services.delivery import announcements
from votes.services.meeting import cards, checkin, rounds, sessions, tellers
from votes.services.people import bodies
from votes.services.voting import ballots, results, tally


@dataclass(frozen=True)
class Rest:
    """What was still to come of a project at midyear: its reports, the days on which its remaining milestones were
    reached, and when it was completed (None: it goes on)."""

    reports: tuple[Told, ...]
    completed_on: date | None
    reached: dict[str, date] = field(default_factory=dict)


def _day(month: int, day: int) -> date:
    return date(YEAR, month, day)


# fmt: off
COUNTY: dict[str, Rest] = {
    "road": Rest(
        (
            Told(7, 62, 82, 54, "沥青路面累计铺筑 27 公里，护栏安装 38 公里；3 座桥梁架梁完成。", NONE, "8 月路面铺筑过半，7 座桥梁桥面系完成。"),
            Told(8, 74, 88, 66, "沥青路面累计铺筑 45 公里，护栏安装 61 公里；7 座桥梁全部架梁，5 座恢复通行。", NONE, "9 月底前完成全部路面。"),
            Told(9, 86, 94, 78, "62 公里路面全部铺筑完成，护栏安装 79 公里，标线完成 40 公里。", NONE, "10 月完成标志标线和交工检测。"),
            Told(10, 95, 100, 88, "护栏、标志标线全部完成，7 座桥梁荷载试验合格，分段交工检测 48 公里。", NONE, "11 月底前全线交工验收。"),
            Told(11, 100, 100, 95, "全线交工验收合格并开放交通，建制村通双车道比例达到 78%，7 座危桥隐患全部消除。", NONE, "转入日常养护，质量缺陷责任期两年。"),
        ),
        _day(11, 26), {"路面、护栏和标线完成": _day(9, 29)},
    ),
    "housing": Rest(
        (
            Told(7, 55, 80, 50, "外墙保温累计 58 栋、屋面防水 55 栋，楼道粉刷 60 个单元。", "高温时段停工避暑，有效工日减少。", "早晚两班施工，8 月底前外墙过七成。"),
            Told(8, 65, 85, 60, "外墙保温累计 76 栋、屋面防水 74 栋；加装电梯 6 部主体完成。", NONE, "9 月底前完成外墙、屋面和楼道。"),
            Told(9, 76, 90, 71, "外墙、屋面和楼道全部完成，小区道路铺装 9 个。", NONE, "10 月完成道路、绿化和照明。"),
            Told(10, 88, 96, 82, "16 个小区道路、照明和绿化完成，电梯 9 部投入使用。", NONE, "11 月收尾并组织居民监督员验收。"),
            Told(11, 97, 100, 91, "18 个小区全部完工，15 个小区通过联合验收。", "2 个小区个别单元门禁需调试。", "12 月上旬完成全部验收和资料移交。"),
            Told(12, 100, 100, 95, "18 个小区全部通过联合验收，居民满意率 96.1%，移交物业和社区管理。", NONE, "保修期内由施工单位定期回访。"),
        ),
        _day(12, 8), {"外墙、屋面和楼道完成": _day(9, 28)},
    ),
    "kindergarten": Rest(
        (
            Told(7, 90, 92, 80, "三所园装修和设备安装全部完成，开窗通风，消防验收合格。", NONE, "8 月中旬检测空气质量，组织竣工验收。"),
            Told(8, 100, 100, 92, "空气质量检测全部合格，三所园通过竣工验收，新增学位 1080 个，9 月 1 日开园。", NONE, "交付教育局使用。"),
        ),
        _day(8, 24), {"装修和设备安装完成": _day(7, 9)},
    ),
    "clinic": Rest(
        (
            Told(6, 56, 68, 44, "门诊楼改造完成，累计改造村卫生室 26 个；设备到货 60%。", "月报因统计口径核对迟报。", "7 月设备进场安装。"),
            Told(7, 68, 78, 56, "彩超、DR 等设备安装完成，CT 机到货；累计改造村卫生室 34 个。", NONE, "8 月底前全部设备调试完成。"),
            Told(8, 81, 86, 69, "3 所卫生院设备全部安装调试完成，人员培训 64 人次。", NONE, "9 月试运行。"),
            Told(9, 92, 94, 80, "CT 检查试运行 420 人次，远程影像接通县医院；村卫生室全部改造完成。", NONE, "10 月组织验收。"),
            Told(10, 100, 100, 93, "3 所卫生院、41 个村卫生室全部通过验收，群众就近检查累计 1180 人次。", NONE, "纳入日常运行考核。"),
        ),
        _day(10, 28), {"门诊楼改造完成": _day(6, 24), "设备安装调试完成": _day(8, 30)},
    ),
    "care": Rest(
        (
            Told(7, 14, 48, 12, "两套桩机进场，桩基完成 62%；助餐点累计开餐 11 个。县人大常委会视察指出的两个问题已制定整改措施。", "桩基施工受地下水影响。", "8 月完成全部桩基和承台。"),
            Told(8, 30, 60, 25, "桩基、承台全部完成，地下室底板浇筑；助餐点累计开餐 15 个。", NONE, "9 月完成基础和一层结构。"),
            Told(9, 44, 72, 38, "基础工程验收，一层、二层结构完成；助餐点累计开餐 18 个。", "塔吊租赁到期续租，停工 3 天。", "10 月施工至四层。"),
            Told(10, 56, 84, 52, "结构施工至四层；助餐点累计开餐 21 个，复查未通过的一处助餐点重新整改。", NONE, "11 月助餐点全部开餐，结构施工至六层。"),
            Told(11, 66, 92, 66, "结构施工至六层；24 个助餐点全部开餐，日均供餐 1900 份。", NONE, "12 月主体封顶，穿插外立面施工。"),
            Told(12, 74, 100, 80, "养老服务中心主体 12 月 26 日封顶，外立面施工完成 55%；助餐点平稳运行。", "主体封顶比年度目标晚 3 个月。", "2028 年 3 月底前完成外立面，6 月底前竣工投用。"),
        ),
        None,
        {"完成土地供应手续并开工": _day(6, 28), "基础工程完成": _day(9, 20), "主体结构封顶": _day(12, 26), "24 个助餐点全部开餐": _day(11, 18)},
    ),
    "water": Rest(
        (
            Told(7, 66, 80, 56, "累计更换管网 108 公里，蓄水池全部完成，智能水表安装 4300 块。", NONE, "8 月完成全部泵站。"),
            Told(8, 77, 86, 67, "5 座泵站全部投运，累计更换管网 129 公里，智能水表安装 5400 块。", NONE, "9 月 20 日前完成管网更换。"),
            Told(9, 88, 92, 79, "146 公里管网全部更换并分段试压合格，智能水表安装 6300 块。", NONE, "10 月完成水表和在线监测安装。"),
            Told(10, 96, 98, 89, "智能水表 6800 块、在线监测 8 处全部安装完成，27 个村通水。", NONE, "11 月 20 日前 31 个村全部通水。"),
            Told(11, 100, 100, 95, "31 个村全部通水，水质检测达标率 100%，管网漏损率降至 11%。", NONE, "移交专业化管护公司。"),
        ),
        _day(11, 18), {"管网更换完成": _day(9, 18)},
    ),
    "sewage": Rest(
        (
            Told(7, 43, 64, 33, "累计铺设管网 56 公里，化粪池完成 1150 座，处理设施主体完成 5 座。", "岩石段开挖慢，较计划滞后。", "8 月增加 3 个班组。"),
            Told(8, 50, 68, 40, "累计铺设管网 66 公里，化粪池完成 1330 座，处理设施主体完成 7 座。", "处理设施未按期全部建成，已按程序申请调整。", "集中力量先通下游村庄。"),
            Told(9, 58, 74, 47, "累计铺设管网 76 公里，化粪池完成 1510 座，处理设施建成 8 座、试运行 4 座；年度目标和完成时限按县人大常委会的决定调整。", "6 个村岩石段须爆破审批。", "爆破方案报批，其余 26 个村继续施工。"),
            Told(10, 65, 78, 54, "累计铺设管网 84 公里，化粪池完成 1640 座，处理设施试运行 7 座。", "爆破审批未办结，6 个村停工。", "年底前完成其余各村。"),
            Told(11, 72, 82, 61, "累计铺设管网 91 公里，化粪池完成 1750 座，处理设施试运行 9 座。", "低温影响砌筑，进度仍然滞后。", "12 月完成可施工各村的入户接管。"),
            Told(12, 78, 85, 67, "累计铺设管网 97 公里，化粪池完成 1830 座，处理设施试运行 10 座；24 个村污水得到收集。", "调整后的年度目标还差 2 个村。", "2028 年 1 月底前补齐 2 个村，6 月底前完成 6 个岩石段村庄。"),
        ),
        None, {"管网铺设过半": _day(8, 10)},
    ),
    "jobs": Rest(
        (
            Told(6, 50, 76, 48, "累计培训 1520 人次，促成就业 1190 人次；与 3 家养老机构签订定向培训协议。", "月报因培训名单核对迟报。", "7 月开办暑期返乡青年专场。"),
            Told(7, 58, 80, 55, "累计培训 1760 人次，促成就业 1380 人次。", NONE, "8 月送培训进村。"),
            Told(8, 66, 84, 62, "累计培训 2010 人次，促成就业 1570 人次，调解欠薪纠纷累计 41 件。", NONE, "9 月电工焊工取证培训。"),
            Told(9, 79, 90, 74, "累计培训 2430 人次，促成就业 1890 人次。", NONE, "四季度补足养老护理班。"),
            Told(10, 88, 95, 83, "累计培训 2700 人次，促成就业 2110 人次。", NONE, "11 月完成其余班次。"),
            Told(11, 96, 100, 91, "累计培训 2920 人次，促成就业 2330 人次。", NONE, "12 月上旬结业并核发补贴。"),
            Told(12, 100, 100, 96, "全年培训 3060 人次、促成就业 2440 人次，零工市场日均服务 310 人。", NONE, "零工市场转入常态运行。"),
        ),
        _day(12, 14), {"培训 1500 人次": _day(6, 29), "培训 2400 人次": _day(9, 28)},
    ),
}

TOWNSHIPS: dict[str, dict[str, Rest]] = {
    "shilihe": {
        "lane": Rest(
            (
                Told(7, 70, 84, 60, "路面累计铺筑 1.1 公里，人行道铺装 0.8 公里。"),
                Told(8, 85, 92, 74, "1.6 公里路面全部完成，人行道铺装 1.3 公里。"),
                Told(9, 100, 100, 92, "主街改造全部完成并通车，两次强降雨未积水。"),
            ),
            _day(9, 28),
        ),
        "canal": Rest(
            (
                Told(7, 63, 78, 52, "灌溉间歇期复工，累计衬砌 9.4 公里。"),
                Told(8, 76, 86, 64, "累计衬砌 11.2 公里，更换闸门 28 座。"),
                Told(9, 89, 93, 77, "累计衬砌 12.9 公里，36 座闸门全部更换。"),
                Told(10, 100, 100, 91, "14.2 公里渠系全部修复，恢复灌溉面积 4200 亩。"),
            ),
            _day(10, 29),
        ),
        "school": Rest(
            (
                Told(7, 84, 90, 68, "塑胶跑道基层和篮球场完成，厕所投入使用。"),
                Told(8, 100, 100, 90, "跑道面层完成，材料检测合格，8 月 24 日通过验收。"),
            ),
            _day(8, 24),
        ),
    },
    "shilishan": {
        "spring": Rest(
            (
                Told(7, 80, 90, 70, "入户管线 20 公里，9 个小组通水。"),
                Told(8, 94, 96, 84, "入户管线 23 公里，11 个小组全部通水，水质送检。"),
                Told(9, 100, 100, 94, "水质检测合格，逐组验收完成。"),
            ),
            _day(9, 18),
        ),
        "clinic": Rest(
            (Told(7, 100, 100, 92, "理疗室验收合格投入使用，首月服务 210 人次。"),),
            _day(7, 30),
        ),
        "bridge": Rest(
            (
                Told(7, 40, 66, 33, "墩柱全部完成，汛期停工避险。"),
                Told(8, 52, 74, 43, "桥台完成，预制梁 60%。", "汛期停工 12 天，不能按原定时限通车。", "申请顺延完成时限。"),
                Told(9, 70, 84, 58, "预制梁全部完成，架梁 2 跨。"),
                Told(10, 88, 92, 74, "三跨架梁完成，桥面铺装。"),
                Told(11, 100, 100, 92, "桥面护栏和引道完成，荷载试验合格并通车。"),
            ),
            _day(11, 12), {"工程过半": _day(8, 27)},
        ),
    },
    "shilihu": {
        "shore": Rest(
            (
                Told(7, 69, 82, 57, "污水管累计 8.3 公里，处理设施主体 3 座完成。"),
                Told(8, 82, 90, 70, "污水管 9.6 公里全部完成，设备安装。"),
                Told(9, 93, 96, 82, "3 座设施试运行，31 个排口封堵 29 个。"),
                Told(10, 100, 100, 93, "排口全部封堵，出水水质检测达标。"),
            ),
            _day(10, 19),
        ),
        "meals": Rest(
            (
                Told(9, 76, 88, 70, "累计供餐 7.1 万份，送餐上门 160 人，重阳节集中供餐。"),
                Told(12, 100, 100, 92, "全年供餐 9.6 万份，6 处食堂纳入常态运营。"),
            ),
            _day(12, 10), {"工程过半": _day(7, 22)},
        ),
        "rooms": Rest(
            (
                Told(6, 68, 82, 55, "4 处布置完毕，暑期看护排班公示。"),
                Told(7, 86, 92, 72, "5 处全部布置完毕，4 处开放，看护儿童 310 人次。"),
                Told(8, 100, 100, 91, "5 处全部开放，暑期累计看护儿童 1240 人次。"),
            ),
            _day(8, 30),
        ),
    },
}
# fmt: on

ALL = {"shili": COUNTY, **TOWNSHIPS}
#: Months whose reports of the second half year bring a photograph; the last report always does.
PICTURED = (8, 10)


def write(congress: Congress, add: Add) -> None:
    """Enter the second half of the year into the diary."""
    for order, (key, rest) in enumerate(ALL[congress.place.code].items()):
        for told in rest.reports:
            month = date(YEAR, told.month, 1)
            if told.month == 6:  # the two that were overdue at midyear
                day = _day(7, 12)
            else:
                day = next_month(month) + timedelta(days=(order + told.month) % 4)
                if rest.completed_on:
                    day = min(day, rest.completed_on - timedelta(days=1))
            last = told is rest.reports[-1]
            add(moment(day, 10, order * 4), partial(_report, congress, key, told, last))
        last_day = rest.completed_on or _day(12, 31)
        add(moment(last_day, 9, order * 4), partial(_reach, congress, key, rest))
        if rest.completed_on:
            add(moment(last_day, 15, order * 4), partial(_complete, congress, key))
    if congress.parent is None:
        Sitting(congress).write(add)


def _report(congress: Congress, key: str, told: Told, last: bool, now: datetime) -> None:
    congress.report(key, told, now, pictured=last or told.month in PICTURED)


def _reach(congress: Congress, key: str, rest: Rest, now: datetime) -> None:
    """Note the milestones reached in the second half of the year."""
    congress.reach(key, now, lambda name: rest.reached.get(name, rest.completed_on))


def _complete(congress: Congress, key: str, now: datetime) -> None:
    congress.accept(key, now)


# --- the rating ----------------------------------------------------------------------------------------

STARTS, ENDS = date(2028, 1, 11), date(2028, 1, 14)
RATED_AT = moment(date(2028, 1, 13), 15)
TITLE = "第十八届人民代表大会第六次会议"

#: Of the ballots: 满意, 基本满意, 不满意. What is left of them is void for that project.
SHARES: dict[str, tuple[float, float, float]] = {
    "road": (0.85, 0.12, 0.02),
    "housing": (0.73, 0.22, 0.04),
    "kindergarten": (0.93, 0.06, 0.01),
    "clinic": (0.82, 0.14, 0.03),
    "care": (0.38, 0.45, 0.16),
    "water": (0.81, 0.16, 0.03),
    "sewage": (0.14, 0.31, 0.54),
    "parking": (0.87, 0.11, 0.01),
    "home": (0.95, 0.04, 0.01),
    "jobs": (0.77, 0.19, 0.03),
}


class Sitting:
    """The session of January 2028, in which the deputies rate the ten projects of the year before."""

    def __init__(self, congress: Congress) -> None:
        self.congress = congress

    def write(self, add: Add) -> None:
        add(moment(date(2027, 12, 20), 11), self.call)
        add(moment(STARTS - timedelta(days=2), 10), self.issue_cards)
        add(moment(STARTS, 9), self.begin)
        for before, act in ((90, self.prepare), (30, self.sign_in), (5, self.zero_check), (0, self.open)):
            add(RATED_AT - timedelta(minutes=before), act)
        for after, act in ((14, self.cast), (22, self.close), (30, self.certify), (70, self.announce)):
            add(RATED_AT + timedelta(minutes=after), act)
        add(moment(ENDS, 16), self.end)

    def call(self, now: datetime) -> None:
        place = f"{self.congress.place.place}会议中心"
        self.session = sessions.create_session(
            title=TITLE, year=YEAR + 1, starts_on=STARTS, ends_on=ENDS, place=place, by=self.congress.office, now=now
        )  # fmt: skip

    def issue_cards(self, now: datetime) -> None:
        cards.issue_missing(self.session, key=self.congress.key, by=self.congress.office, now=now)

    def begin(self, now: datetime) -> None:
        sessions.move(self.session, "start", by=self.congress.office, now=now)

    def prepare(self, now: datetime) -> None:
        by = self.congress.office
        for place, deputy in enumerate(self.congress.teller_seats()):
            role = TellerRole.TELLER if place else TellerRole.CHIEF
            tellers.name_teller(self.session, deputy.id, role, by=by, now=now)
        rule = bodies.default_rule(self.congress.body, 1)
        self.round = rounds.create_round(
            self.session,
            title=f"{YEAR}年民生实事项目满意度测评",
            rule=replace(rule, method="rating", seats=0, overvote="void_ballot"),
            project_ids=[self.congress.projects[key].id for key in SHARES],
            by=by,
            now=now,
        )

    def sign_in(self, now: datetime) -> None:
        missing = self._missing()
        here = [deputy.id for deputy in self.congress.deputies if deputy.id not in missing]
        checkin.check_in_all(self.session, here, by=self.congress.office, now=now)
        for deputy_id in missing[::2]:
            checkin.record_leave(self.session, deputy_id, "因病请假", by=self.congress.office, now=now)

    def _missing(self) -> list[int]:
        return self.congress.missing(f"{YEAR + 1} absent")

    def zero_check(self, now: datetime) -> None:
        rounds.zero_check(self.round, by=self.congress.tellers[0], now=now)

    def open(self, now: datetime) -> None:
        rounds.open_round(self.round, by=self.congress.office, now=now)

    def cast(self, now: datetime) -> None:
        missing = set(self._missing())
        voters = [deputy.id for deputy in self.congress.deputies if deputy.id not in missing]
        box = marks.graded(list(SHARES.values()), len(voters), self.congress.place.code)
        for deputy_id, marked in zip(voters, box, strict=True):
            ballots.cast(self.round.id, deputy_id, code=new_code(), marks=marked, now=now)

    def close(self, now: datetime) -> None:
        tally.close(self.round, by=self.congress.office, now=now)
        tally.count(self.round, by=self.congress.office, now=now)  # what else happens after the commit

    def certify(self, now: datetime) -> None:
        for minutes, teller in enumerate(self.congress.tellers[:3]):
            tally.sign(self.round, by=teller, now=now + timedelta(minutes=2 * minutes))

    def announce(self, now: datetime) -> None:
        announcements.announce(
            self.round,
            number=results.next_number(self.session),
            announced_on=local(now).date(),
            by=self.congress.office,
            now=now,
        )

    def end(self, now: datetime) -> None:
        sessions.move(self.session, "end", by=self.congress.office, now=now)
