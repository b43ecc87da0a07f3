"""The deputies, accounts and units of the demo year. Names are put together by dice that always fall the same."""

import random
from collections.abc import Iterator
from typing import NamedTuple

SURNAMES = (
    "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕 "
    "苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎 余 潘 杜 戴 夏 钟 汪 田 任 姜 范 方 石 姚 谭 廖 邹 熊 金 陆 郝 孔 白 崔 康 毛 邱 秦 江 史 "
    "顾 侯 邵 孟 龙 万 段 雷 钱 汤 尹 黎 易 常 武 乔 贺 赖 龚 文 单 仇 解 查 盖 翟 缪 区 尉迟 欧阳 上官"
)
MEN = (
    "建国 志强 文军 海涛 国栋 永福 德明 家兴 学礼 振华 立新 长青 春生 宏伟 明远 正平 玉林 少峰 兴旺 金山 守义 光辉 万里 卫东 "
    "大成 俊杰 浩然 子昂 一鸣 天佑 维 勇 斌 磊 鹏 涛 刚 峰 毅 昶 旻 翀 堃 頔 彧 炜 广田 宝山 有才 树人 庆丰 启明 思源 向阳"
)
WOMEN = (
    "秀英 桂兰 玉梅 春燕 丽华 淑珍 晓红 雪莲 海燕 月娥 凤霞 文静 佳慧 雨欣 思敏 婷婷 素芳 金花 玉洁 红梅 亚楠 慧敏 巧云 彩霞 "
    "敏 静 丽 娟 艳 芳 琳 颖 洁 倩 玥 祎 㛃 瑾 琬 姝 婉清 若兰 秋菊 银环 爱萍 志红 国英 立群 明霞 春桃 小满 云"
)
#: Written whole: names of other forms, and a sign that few fonts have.
WHOLE = (
    ("才让卓玛", "女", "藏族"),
    ("扎西东珠", "男", "藏族"),
    ("阿依努尔·玉素甫", "女", "维吾尔族"),
    ("乌力吉", "男", "蒙古族"),
    ("李䶮", "男", "汉族"),
)
ETHNICITIES = ("回族", "藏族", "土族", "蒙古族", "满族", "苗族", "壮族")


class Place(NamedTuple):
    """One congress of the demo."""

    code: str
    place: str
    deputies: int
    delegations: tuple[str, ...]
    units: tuple[tuple[str, str, str], ...]  # unit, post of its head, its user name if it has an account


class Seat(NamedTuple):
    """What is known of one deputy."""

    number: str
    name: str
    gender: str
    ethnicity: str
    born: str
    delegation: str
    constituency: str
    post: str
    phone: str


COUNTY = Place(
    "shili",
    "示例县",
    180,
    (
        "示例河镇第一代表团",
        "示例河镇第二代表团",
        "示例山乡第一代表团",
        "示例山乡第二代表团",
        "示例湖镇第一代表团",
        "示例湖镇第二代表团",
        "县直机关第一代表团",
        "县直机关第二代表团",
    ),
    (
        ("示例县交通运输局", "局长", "transport"),
        ("示例县住房和城乡建设局", "局长", ""),
        ("示例县教育局", "局长", ""),
        ("示例县卫生健康局", "局长", ""),
        ("示例县民政局", "局长", "civil"),
        ("示例县水利局", "局长", ""),
        ("示例县生态环境局", "局长", ""),
        ("示例县城市管理局", "局长", ""),
        ("示例县文体旅游局", "局长", ""),
        ("示例县市场监督管理局", "局长", ""),
        ("示例县人力资源和社会保障局", "局长", ""),
        ("示例县残疾人联合会", "理事长", ""),
    ),
)
_TOWN_DELEGATIONS = ("第一代表团", "第二代表团", "第三代表团")
_TOWN_UNITS = (
    ("经济发展办公室", "主任", ""),
    ("社会事务办公室", "主任", ""),
    ("村镇建设服务中心", "主任", ""),
    ("农业农村服务中心", "主任", ""),
)
TOWNSHIPS = (
    Place("shilihe", "示例河镇", 47, _TOWN_DELEGATIONS, _TOWN_UNITS),
    Place("shilishan", "示例山乡", 45, _TOWN_DELEGATIONS, _TOWN_UNITS),
    Place("shilihu", "示例湖镇", 49, _TOWN_DELEGATIONS, _TOWN_UNITS),
)

COUNTY_POSTS = (
    "县人大常委会委员", "县人民法院审判员", "县人民检察院检察官", "县第一中学教师", "县人民医院主任医师", "县公安局民警",
    "县农业技术推广中心高级农艺师", "县融媒体中心记者", "县实验小学教师", "企业技术工人", "律师事务所律师", "出租汽车公司驾驶员",
    "环卫工人", "社区党支部书记", "社区医生", "建筑企业项目经理", "银行支行职员", "个体工商户", "县图书馆馆员",
)  # fmt: skip
TOWN_POSTS = (
    "村党支部书记、村委会主任", "村民", "村民", "村委会委员", "种植专业合作社理事长", "乡村医生", "中心小学教师", "养殖大户",
    "护林员", "乡镇干部", "农机手", "乡村教师", "农家乐经营者", "返乡创业青年", "快递站点负责人", "村水管员", "村会计",
)  # fmt: skip


def seats(place: Place, count: int) -> Iterator[Seat]:
    """``count`` deputies of a place, numbered from 001; no two of the same name.

    The telephone numbers begin with an area code that does not exist.
    """
    dice = random.Random(f"{place.code} deputies")
    taken: set[str] = set()
    delegations = place.delegations[: max(4, count // 5)]
    whole = dict(zip(range(7, count, 23), WHOLE, strict=False))
    for index in range(count):
        delegation = delegations[index * len(delegations) // count]
        if index in whole:
            name, gender, ethnicity = whole[index]
        else:
            gender = "女" if dice.random() < 0.36 else "男"
            ethnicity = dice.choice(ETHNICITIES) if dice.random() < 0.13 else "汉族"
            name = _name(dice, gender, taken)
        taken.add(name)
        organ = "机关" in delegation
        post = dice.choice(COUNTY_POSTS if organ else TOWN_POSTS)
        yield Seat(
            number=f"{index + 1:03d}",
            name=name,
            gender=gender,
            ethnicity=ethnicity,
            born=f"{dice.randint(1962, 2000)}-{dice.randint(1, 12):02d}",
            delegation=delegation,
            constituency=f"{place.place}第{index * 40 // count + 1}选区",
            post=post,
            phone=f"0000-{8200001 + index}",
        )


def _name(dice: random.Random, gender: str, taken: set[str]) -> str:
    surnames, given = SURNAMES.split(), (WOMEN if gender == "女" else MEN).split()
    while True:
        # The surnames stand in the order of how common they are: the first are drawn more often.
        name = surnames[int(len(surnames) * dice.random() ** 1.7)] + dice.choice(given)
        if name not in taken:
            return name
