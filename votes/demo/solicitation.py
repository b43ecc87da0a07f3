"""征集 in the demo year: 15 September to 31 October 2026, by every channel; and the next year's, open since July.

What is suggested goes with the candidates of demo/projects.py: `Said.key` is the candidate's, "" where nothing
came of it. `Congress.suggested` keeps the suggestions by that key, in the order in which they came.
"""

from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from votes.demo.congress import Congress
from votes.demo.days import Add, moment
from votes.demo.projects import YEAR
from votes.rules.people.actor import PUBLIC
from votes.rules.suggestions.suggestions import AuthorKind, AuthorText, Channel
from votes.services.people import stations as people_stations, villages as people_villages
from votes.services.suggestions import authors, intake, seasons, suggestions


class Said(NamedTuple):
    """One suggestion: for which candidate, how and when it came, about which village, and in which words."""

    key: str
    channel: Channel
    on: date
    village: str
    text: str
    category: str = ""
    place: str = ""
    author: str = ""  # 示例…: with a telephone; "" says nothing of who it was
    unit: str = ""
    station: int = 0
    deputy: int = 0
    photo: bool = False


WEB, STATION, DEPUTY = Channel.WEB, Channel.STATION, Channel.DEPUTY
VISIT, HOTLINE, LETTER, OTHER = Channel.VISIT, Channel.HOTLINE, Channel.LETTER, Channel.OTHER


def _on(month: int, day: int, year: int = YEAR - 1) -> date:
    return date(year, month, day)


# fmt: off
VILLAGES = (
    ("示例县城", "城东社区"), ("示例县城", "城南社区"), ("示例县城", "滨河社区"),
    ("示例河镇", "河口村"), ("示例河镇", "东山村"), ("示例河镇", "上坪村"),
    ("示例山乡", "高岭村"), ("示例山乡", "松坡村"), ("示例山乡", "沟口村"),
    ("示例湖镇", "湖滨村"), ("示例湖镇", "渡口村"), ("示例湖镇", "苇塘村"),
)
STATIONS = (
    ("示例县城城南人大代表联络站", "城南社区党群服务中心一楼"),
    ("示例河镇人大代表联络站", "示例河镇集镇主街 12 号"),
    ("示例湖镇人大代表联络站", "示例湖镇便民服务中心一楼"),
)
TOWN_VILLAGES = {
    "示例河镇": ("河口村", "东山村", "上坪村", "集镇社区"),
    "示例山乡": ("高岭村", "松坡村", "沟口村", "石桥村"),
    "示例湖镇": ("湖滨村", "渡口村", "苇塘村", "湖东社区"),
}

NOTICE = """为办好{year}年民生实事项目，现面向社会公开征集建议。

一、范围：教育、医疗、养老、交通、饮水、环境、住房、就业、公共安全等，受益面广、当年能够办成或者取得阶段性成效的事项。
二、不在范围内：诉讼、仲裁、行政复议和信访已经受理的事项，只涉及个别人利益的事项，以及应由市场解决的事项。
三、方式：网页、联络站扫码、人大代表主页，或者来电、来信。一事一提，写清地点和困难。
四、处理：内容相近的合并研究，三个月内答复，情况复杂的六个月内答复；提出人凭查询码查看结果。"""

COUNTY = (
    Said("road", WEB, _on(9, 15), "河口村", "河口村到上坪村这条路坑坑洼洼，会车要倒退上百米，下雨天校车都绕行。希望拓宽成双车道，装上护栏。", "交通出行", "河口村至上坪村", "示例甲", photo=True),
    Said("housing", WEB, _on(9, 15), "城南社区", "我们小区三十年房龄，屋顶漏雨，冬天屋里只有十几度。请列入老旧小区改造。", "住房保障", "粮食局家属院", "示例乙"),
    Said("parking", WEB, _on(9, 16), "城东社区", "县医院门口停车太难，看一次病找车位要半个小时，希望在附近建停车场。", "便民服务", "县人民医院周边"),
    Said("care", STATION, _on(9, 16), "城南社区", "社区里独居老人多，中午吃饭凑合，希望办一个老年食堂。", "养老托育", "", "示例丙", station=0),
    Said("road", STATION, _on(9, 17), "上坪村", "从上坪村去镇上的路太窄，没有护栏，去年有两辆三轮车翻下沟。", "交通出行", "上坪村弯道", station=1),
    Said("water", STATION, _on(9, 18), "高岭村", "一到冬天水管就冻，要到山下挑水，希望把水管重新埋深一些。", "饮水水利", "", "示例丁", station=1),
    Said("sewage", WEB, _on(9, 18), "湖滨村", "村里污水直接流到湖边水沟，夏天臭得不敢开窗。请建污水处理设施。", "环境整治", "湖滨村东头水沟", photo=True),
    Said("kindergarten", WEB, _on(9, 19), "城东社区", "城东新区没有公办幼儿园，孩子要送到城西，每天来回四十分钟。", "教育", "", "示例戊"),
    Said("clinic", STATION, _on(9, 20), "松坡村", "乡卫生院做不了 CT，看病要跑七十公里到县城，老人受不了。希望给卫生院添设备。", "医疗卫生", "示例山乡卫生院", station=1),
    Said("riverside", WEB, _on(9, 20), "滨河社区", "河边是土路，晚上没灯，想散步没地方去。能不能修一条健身步道？", "文化体育", "示例河县城段北岸"),
    Said("market", VISIT, _on(9, 21), "城南社区", "中心市场顶棚漏雨，地面积水，下雨天没法买菜，消防通道也堵着。", "便民服务", "县城中心市场", "示例己"),
    Said("jobs", STATION, _on(9, 22), "城东社区", "每天早上几百人在路口等活干，没有遮雨的地方，也不安全。希望建一个零工市场。", "就业创业", "客运站路口", station=0),
    Said("home", DEPUTY, _on(9, 22), "东山村", "父亲瘫痪在床，家里没有扶手和坡道，轮椅进不了门。希望给困难残疾人家里做改造。", "社会保障", "", "示例庚", deputy=3),
    Said("road", DEPUTY, _on(9, 23), "河口村", "河口村的危桥限重三年了，拉化肥的车过不来，盼着早点重建。", "交通出行", "河口桥", "示例辛", deputy=3),
    Said("parking", WEB, _on(9, 24), "城南社区", "县一小放学时路上停满了车，孩子过马路很危险，建议划限时车位、建停车场。", "便民服务", "县第一小学门口"),
    Said("housing", STATION, _on(9, 24), "城南社区", "老楼没有电梯，七十多岁的老人下不了楼，希望改造时加装电梯。", "住房保障", "", station=0),
    Said("water", WEB, _on(9, 25), "渡口村", "我们村水压太低，二楼上不去水，夏天经常停。", "饮水水利", "", "示例壬"),
    Said("sewage", DEPUTY, _on(9, 26), "苇塘村", "苇塘村的旱厕和污水沟离水井只有二十米，希望统一接管处理。", "环境整治", "苇塘村三组", deputy=8),
    Said("kindergarten", STATION, _on(9, 27), "渡口村", "湖镇中心幼儿园大班挤了五十个孩子，报不上名的只能去私立的，希望扩建。", "教育", "示例湖镇中心幼儿园", "示例癸", station=2),
    Said("care", VISIT, _on(9, 28), "河口村", "失能老人家里照顾不了，县里的护理床位要排队两年，盼着多建一些。", "养老托育"),
    Said("", WEB, _on(9, 29), "", "专业办理贷款，当天放款，有需要请联系。"),
    Said("jobs", WEB, _on(9, 30), "东山村", "在家带孩子的妇女想学一门手艺，希望办家政、护理培训班，最好在镇上办。", "就业创业"),
    Said("clinic", DEPUTY, _on(9, 30), "沟口村", "村卫生室只有血压计和体温表，希望配齐常用设备，村医也能做远程会诊。", "医疗卫生", "沟口村卫生室", deputy=12),
    Said("road", WEB, _on(10, 3), "松坡村", "松坡村通村路没有会车道和护栏，冬天结冰特别危险。", "交通出行", "松坡村口至县道"),
    Said("parking", HOTLINE, _on(10, 4), "城东社区", "新能源车越来越多，县城没有几个充电桩，希望停车场配建充电桩。", "便民服务"),
    Said("water", STATION, _on(10, 5), "苇塘村", "自来水发黄有味道，希望换水管、定期检测水质并公布结果。", "饮水水利", "", station=2),
    Said("housing", HOTLINE, _on(10, 6), "城南社区", "农机厂家属院楼道没有灯，下水道年年堵，冬天暖气不热，请改造。", "住房保障", "农机厂家属院", "示例子"),
    Said("riverside", STATION, _on(10, 8), "滨河社区", "希望在河边建几个口袋公园，放些健身器材，老人孩子都能去。", "文化体育", "", station=0),
    Said("sewage", STATION, _on(10, 9), "湖滨村", "农家乐的脏水往湖里排，请统一收集处理。", "环境整治", "湖滨村沿湖路", "示例丑", station=2),
    Said("care", WEB, _on(10, 10), "渡口村", "老人去镇上吃饭不方便，希望助餐点能送餐上门。", "养老托育"),
    Said("", VISIT, _on(10, 12), "东山村", "与邻居的宅基地纠纷法院已经判了，希望县里再给处理一下。", "其他", "", "示例寅"),
    Said("home", LETTER, _on(10, 13), "", "建议对全县重度残疾人和高龄困难老人家庭逐户评估，统一安装扶手、坡道和呼叫装置。", "社会保障", "", "示例卯", unit="示例县助残志愿者协会"),
    Said("market", WEB, _on(10, 15), "河口村", "河镇赶集都摆在马路上，车堵得走不动，希望把市场修一修，让人进去摆摊。", "便民服务", "示例河镇市场"),
    Said("kindergarten", DEPUTY, _on(10, 16), "河口村", "河镇幼儿园教室是租的民房，没有活动场地，希望建一所正规的公办园。", "教育", "", "示例辰", deputy=5),
    Said("road", STATION, _on(10, 18), "渡口村", "渡口村到码头的路没有路灯和护栏，晚上走路怕掉进湖里。", "交通出行", "渡口村至码头", station=2),
    Said("clinic", WEB, _on(10, 20), "湖滨村", "希望镇卫生院也能做胃镜和彩超，不用每次都跑县城。", "医疗卫生"),
    Said("", WEB, _on(10, 22), "滨河社区", "希望在县城建一座大型体育馆和游泳馆，可以承办省里的比赛。", "文化体育"),
    Said("", STATION, _on(10, 24), "高岭村", "高岭村手机信号不好，打电话要爬到坡上，希望建一座基站。", "城市建设", "高岭村二组", station=1),
    Said("water", VISIT, _on(10, 26), "高岭村", "希望把几户没通自来水的山上人家也接上水。", "饮水水利", "高岭村五组", "示例巳"),
    Said("jobs", LETTER, _on(10, 28), "", "建议在零工市场设法律咨询和欠薪维权窗口，每周有律师坐班。", "就业创业", "", "示例午", unit="示例县总工会"),
    Said("", OTHER, _on(10, 30), "城东社区", "市民服务热线三季度数据：反映城东片区高峰期公交间隔过长的有 21 件，建议增加班次。", "交通出行"),
)
NEXT = (
    Said("", WEB, _on(7, 2, YEAR), "城东社区", "新建的停车场晚上照明太暗，希望增加路灯和监控。", "公共安全", "城东停车场"),
    Said("", STATION, _on(7, 3, YEAR), "河口村", "路修好了，希望再开通一趟到县城的公交车。", "交通出行", "", "示例未", station=1),
    Said("", DEPUTY, _on(7, 5, YEAR), "苇塘村", "村里没有儿童活动的地方，暑假孩子总往水边跑，希望建儿童活动室。", "教育", deputy=8),
    Said("", WEB, _on(7, 6, YEAR), "松坡村", "希望在山上几个村建应急避难点，汛期下来住不用每次借学校。", "公共安全"),
    Said("", STATION, _on(7, 6, YEAR), "渡口村", "渡口村到码头的路还是没有路灯和护栏，晚上走路怕掉进湖里，希望明年能装上。", "交通出行", "渡口村至码头", "示例癸", station=2),
    Said("", HOTLINE, _on(7, 7, YEAR), "苇塘村", "苇塘村暑假孩子总往水边跑，没有活动的地方，希望村里建一间儿童活动室。", "教育"),
)
TOWNS: dict[str, tuple[Said, ...]] = {
    "shilihe": (
        Said("lane", STATION, _on(9, 17), "集镇社区", "主街一下雨就积水到脚脖子，店铺门口进不了人。", "交通出行", "集镇主街", "示例申", photo=True),
        Said("lights", WEB, _on(9, 20), "东山村", "从村口到三组没有路灯，老人晚上不敢出门。", "便民服务"),
        Said("canal", VISIT, _on(9, 24), "上坪村", "渠道漏水，我们在最后面，轮到浇水时没水了。", "饮水水利", "上坪村支渠", "示例酉"),
        Said("school", STATION, _on(9, 28), "集镇社区", "小学操场是煤渣的，孩子跑步摔了好几回。", "教育", "中心小学"),
        Said("lights", STATION, _on(10, 8), "河口村", "河口村到学校的路黑，冬天孩子放学天已经黑了。", "便民服务", "", "示例戌"),
        Said("lane", WEB, _on(10, 12), "集镇社区", "人行道高低不平，轮椅和婴儿车走不了。", "交通出行"),
        Said("square", DEPUTY, _on(10, 18), "集镇社区", "想跳广场舞没有平整的地方，希望把广场修一修，装几盏灯。", "文化体育", deputy=2),
        Said("", HOTLINE, _on(10, 25), "河口村", "希望给我家单独接一条入户路。", "其他", "", "示例亥"),
    ),
    "shilishan": (
        Said("spring", VISIT, _on(9, 16), "高岭村", "枯水期要到两公里外背水，老人背不动，希望把水引到家里。", "饮水水利", "高岭村三组", "示例春", photo=True),
        Said("spring", STATION, _on(9, 22), "松坡村", "水池是三十年前修的，裂了缝，水不够用。", "饮水水利"),
        Said("bridge", WEB, _on(9, 25), "沟口村", "一涨水漫水桥就过不去，孩子上学要绕十几里。", "交通出行", "示例沟", "示例夏"),
        Said("clinic", STATION, _on(9, 30), "石桥村", "腰腿疼的人多，做理疗要去县城，希望乡卫生院能做。", "医疗卫生"),
        Said("bridge", DEPUTY, _on(10, 9), "沟口村", "去年有人过漫水桥被冲走了摩托车，请尽快重建。", "交通出行", deputy=4),
        Said("market", WEB, _on(10, 14), "石桥村", "李子熟了卖不出去就烂了，希望建个冷库存一存。", "乡村振兴"),
        Said("clinic", LETTER, _on(10, 20), "", "建议卫生院配康复器材，请县医院医生每周来一次。", "医疗卫生", "", "示例秋"),
        Said("", WEB, _on(10, 27), "高岭村", "希望修一条直通省城的高速公路。", "交通出行"),
    ),
    "shilihu": (
        Said("shore", STATION, _on(9, 18), "湖滨村", "沟里的污水直接进湖，夏天有味道，垃圾也没人拉。", "环境整治", "湖滨村北沟", "示例冬", photo=True),
        Said("meals", VISIT, _on(9, 23), "苇塘村", "儿女都在外面打工，老人一天做一顿吃三顿，希望办个食堂。", "养老托育", "", "示例东"),
        Said("wharf", WEB, _on(9, 27), "渡口村", "码头护栏锈断了，上个月有孩子差点掉下去。", "公共安全", "渡口码头"),
        Said("rooms", STATION, _on(10, 2), "苇塘村", "暑假没人看孩子，总往水边跑，希望村里有个活动室。", "教育"),
        Said("shore", WEB, _on(10, 6), "湖东社区", "希望多设几个分类垃圾亭，每天清运一次。", "环境整治"),
        Said("wharf", DEPUTY, _on(10, 11), "渡口村", "码头晚上没有灯，靠船很危险，请装灯和救生圈。", "公共安全", "", "示例南", deputy=6),
        Said("parking", STATION, _on(10, 19), "湖东社区", "旅游旺季街上全是车，走路都走不动，希望建停车场。", "便民服务", "集镇"),
        Said("meals", HOTLINE, _on(10, 26), "湖滨村", "老人腿脚不好，希望食堂能把饭送到家。", "养老托育", "", "示例西"),
    ),
}
# fmt: on


def write(congress: Congress, add: Add) -> None:
    """Stations and villages, the season with all that came in, and the next year's."""
    county = congress.parent is None
    add(moment(_on(9, 3), 9), partial(_prepare, congress))
    add(moment(_on(9, 5), 15), partial(_open, congress, YEAR, _on(9, 15), _on(10, 31)))
    said = COUNTY if county else TOWNS[congress.place.code]
    for order, each in enumerate(said):
        add(moment(each.on, 9 + order % 9, order * 7 % 60), partial(_say, congress, each))
    add(moment(_on(9, 29), 17, 30), partial(_refuse_advertising, congress))
    add(moment(_on(1, 8, YEAR), 20), partial(_judge, congress))
    if county:
        add(
            moment(_on(6, 28, YEAR), 10),
            partial(_open, congress, YEAR + 1, _on(7, 1, YEAR), _on(10, 31, YEAR)),
        )
        for order, each in enumerate(NEXT):
            add(moment(each.on, 10, order * 11), partial(_say, congress, each))


def _prepare(congress: Congress, now: datetime) -> None:
    place = congress.place.place
    county = congress.parent is None
    pairs = VILLAGES if county else [(place, name) for name in TOWN_VILLAGES[place]]
    people_villages.add_villages(pairs, by=congress.government, now=now)
    stations = STATIONS if county else ((f"{place}集镇代表活动室", f"{place}文化中心一楼"),)
    for name, where in stations:
        people_stations.save_station(None, name=name, place=where, by=congress.office, now=now)


def _open(congress: Congress, year: int, first: date, last: date, now: datetime) -> None:
    seasons.save_season(
        None,
        year=year,
        title=f"{congress.place.place}{year}年民生实事项目建议征集",
        opens_on=first,
        closes_on=last,
        notice=NOTICE.format(year=year),
        by=congress.government,
        now=now,
    )


def _say(congress: Congress, said: Said, now: datetime) -> None:
    by_staff = said.channel in (VISIT, HOTLINE, LETTER, OTHER)
    villages = {village.name: village.id for village in people_villages.all_villages()}
    photos = []
    if said.photo:
        candidate = next(each for each in congress.candidates if each.key == said.key)
        photos = [congress._photograph(candidate, month=9, percent=0, caption="现状")]
    number = sum(map(len, congress.suggested.values())) + 1
    made = intake.receive(
        channel=said.channel,
        content=said.text,
        category=said.category,
        village_id=villages.get(said.village),
        place=said.place,
        station=people_stations.all_stations()[said.station] if said.channel == STATION else None,
        deputy_id=congress.deputies[said.deputy].id if said.channel == DEPUTY else None,
        author=AuthorText(
            said.author,
            f"0000820{number:04d}" if said.author else "",
            said.unit,
            AuthorKind.UNIT if said.unit else AuthorKind.CITIZEN,
        ),
        photos=photos,
        by=congress.government if by_staff else PUBLIC,
        now=now,
    )
    congress.suggested.setdefault(said.key, []).append(made)


def _refuse_advertising(congress: Congress, now: datetime) -> None:
    for made in congress.suggested.get("", []):
        if "贷款" in made.content:
            suggestions.refuse(
                made, "属于商业广告，不在民生实事项目建议征集范围内。", by=congress.government, now=now
            )


def _judge(congress: Congress, now: datetime) -> None:
    """What authors say of the answers they found by 查询码; most say nothing."""
    made = [each for group in congress.suggested.values() for each in group]
    for place, each in enumerate(sorted(made, key=lambda suggestion: suggestion.number)):
        found = suggestions.get(each.id)
        if found is not None and found.matter is not None and place % 2 == 0 and authors.answered(found):
            value = "dissatisfied" if place % 32 == 30 else "basically" if place % 8 == 6 else "satisfied"
            authors.satisfy(found, value, now=now)
