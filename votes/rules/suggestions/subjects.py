"""Subjects (诉求) of suggestions: 没有路灯, 照明设施 and 黑漆漆的 are one subject.

The tables are written by hand for livelihood projects. A text may have several subjects, or none that the tables know.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

#: subject → the words for it, as alternatives of a regular expression
SUBJECTS = {
    # 出行
    "路灯": "路灯|照明|亮化|夜灯|太阳能灯|黑漆漆|黑灯瞎火|摸黑|伸手不见五指|没有?(?:个|盏)?灯|(?:装|没有?|缺).{0,4}灯(?!光?秀)|路(?:上|又|很|太)?黑|(?:晚上|夜里|天黑).{0,6}(?:看不见|不敢出门)",
    "道路": "修路|修(?:一?条|通|好)?.{0,6}[公道马]?路|路面|路坏|路.{0,6}硬化|硬化.{0,4}[路道]|坑坑?洼洼|泥泞|泥巴路|土路|断头路|通组路|通村路|[村组巷]道|烂路|打不通|水泥路|沥青|柏油|油路|公路.{0,6}(?:不通|断头|没修)|车.{0,4}(?:过不去|开不进)",
    "桥": "[修建架危]桥|桥梁|便桥|漫水桥|过河",
    "红绿灯": "红绿灯|信号灯|交通灯|斑马线|过街|过马路|减速带",
    "公交": "公交|班车|末班|公共汽车|客车|赶(?:集|场).{0,6}(?:走|两条腿)|村村通.{0,2}车|候车|坐车",
    "停车": "停车|车位|车库|乱停|泊车|占道停",
    "电动车充电": "(?:电动自?行?车|电瓶车|电驴|电单车).{0,8}充电|充电棚|飞线|(?:电动自?行?车|电瓶车|电驴).{0,6}没处充|从(?:楼上|窗户).{0,3}拉.{0,2}线",
    "新能源充电": "(?:新能源|电动汽)车.{0,8}充|快充|充电站|充电桩",
    "人行道": "人行道|步行道|慢行道|盲道|无障碍|坡道",
    "小摊": "摆摊|占道经营|流动摊贩|乱摆摊|夜市",
    # 水、电、气、网
    "饮水": "自来水|饮用?水|吃水|用水|喝水|水龙头|水管|停水|断水|挑水|井水|水压|供水|管网|水发[黄浑]|水质|背水|缺水|引水|接上?水|水池|水不够|没水(?:喝|吃)",
    "水价": "水费|水价|(?:自来水|用水).{0,6}(?:收费|太高|降价)",
    "灌溉": "水渠|灌溉|渠道|抽水|山塘|机井",
    "排水": "下水道|下水管|排水|内涝|积水|淹水|井盖",
    "污水": "污水|脏水|雨污|化粪池|旱厕|排污|直排|往[河湖沟].{0,3}排",
    "河道": "河道|河水|水发黑|黑臭|清淤|治河|水体",
    "水库安全": "大坝|渗水|垮坝|除险加固|决口|防洪",
    "防护": "护栏|栏杆|围栏|防护[网栏]|隔离栏|落水|掉下去|淹死|溺水|警示牌",
    "供电": "电压|停电|断电|农网|变压器|电线杆|电力",
    "通信": "信号(?:太?差|不好|弱|没有|塔)|没有?信号|基站|宽带|手机信号|上网|网络(?:差|不好|覆盖)|打电话",
    "燃气": "天然气|燃气|煤气|通气",
    "供暖": "供暖|暖气|采暖|取暖",
    # 教育
    "幼儿园": "幼儿园|入园|公[立办]园|幼教",
    "托育": "托育|托儿|婴幼儿|三岁以下|(?:没人|没处)(?:带|送).{0,2}(?:娃|孩)|带娃|日间照料.{0,3}婴",
    "托管": "托管|课后服务|暑期班|假期.{0,4}(?:管|照看)",
    "学位": "学位|上学难|入学难|(?:新建|扩建|改建).{0,4}(?:小学|中学|学校|校舍)|就近入学|择校|大班额",
    "校车": "校车|接送学生|上学.{0,4}远",
    "师资": "缺.{0,3}老师|师资|教师.{0,4}(?:不足|少|流失)",
    "学校设施": "校舍|教学楼|宿舍楼|操场|塑胶跑道|图书室|一批图书|学生宿舍",
    "食堂": "学校食堂|伙食|营养餐|学生餐|校园餐",
    # 医疗、养老
    "看病": "卫生[院室]|村医|看病|看不了病|医生|大夫|诊所|头疼脑热|药(?:房|店)|买药|儿科|发烧|(?:生病|病).{0,6}看不了",
    "医院服务": "挂号|排队.{0,4}(?:检查|看病|缴费)|医院.{0,6}窗口|候诊",
    "医疗设备": "心电图|彩超|胃镜|ct|添设备|配.{0,2}设备|医疗设备|救护车.{0,4}(?:配|买|添)|除颤",
    "助餐": "老年食堂|助餐|长者饭堂|老人.{0,10}(?:做饭|吃饭|热饭|吃上|饭菜)|送餐|老年餐|敬老餐|幸福食堂|(?<![校生])食堂|送到家.{0,3}饭|把饭.{0,3}送",
    "养老": "养老院|敬老院|养老服务|日间照料|护理院|养老中心|适老|居家养老",
    "老年活动": "老年大学|老年活动|老人.{0,6}(?:活动室|学习)",
    "残疾人": "残疾|轮椅|康复",
    # 住房、小区
    "电梯": "电梯|升降|爬楼|上下楼|爬不动楼|爬楼梯|[五六七]楼上下",
    "老旧小区": "老旧小区|老小区|家属院|旧改|老楼|老房子|[二三四]十年房龄",
    "屋面": "漏雨|屋面|防水|楼顶漏|顶楼",
    "外墙": "外墙|墙皮|墙砖|掉砖",
    "物业": "物业|门禁|小区保安|业主委员会",
    "危房": "危房|危旧房|棚户|房子要塌|裂缝",
    "消防": "消防通道|消防栓|灭火|消防车",
    # 环境
    "公厕": "公厕|厕所|卫生间|公共卫生间|上洗手间|憋得|解手|方便的地方|找不到地方方便",
    "垃圾": "垃圾(?:桶|箱|池|收集|清运|分类|亭|堆|也?没人|多)|分类垃圾|到处乱倒|乱倒垃圾|(?:没人|无人)收.{0,3}垃圾|垃圾房",
    "垃圾站": "垃圾(?:中转|转运)?站|垃圾(?:填埋|焚烧)",
    "市场": "(?:农贸|菜|集贸)市场|集市|赶集的地方|大棚|标准化.{0,2}市场",
    "保洁": "又脏又臭|脏乱差?|卫生差|环境(?:太|很)?差|保洁|地面(?:积水|污水)|没人打扫",
    "养殖": "养猪|养殖|鸡粪|猪粪|畜禽|养鸡",
    "噪声": "噪[音声]|吵得|扰民|太吵|鞭炮声",
    "绿化": "绿化|种树|种菜|行道树|草坪|花草",
    "殡葬": "公墓|骨灰|殡仪|坟地|安葬",
    # 文化、体育
    "健身": "健身|锻炼|篮球|乒乓|体育|运动场|球场",
    "文化": "文化(?:活动)?(?:室|站|中心|礼堂)|农家书屋|图书馆|看书|戏台|阅览",
    "广场": "(?:建|修|要|缺|没有?).{0,4}(?:文化)?广场|广场没有硬化|跳舞.{0,4}(?:没|一身)",
    "公园": "(?:建|修|要|缺|没有?).{0,4}(?:口袋)?公园|休闲场所",
    # 生产、就业、服务
    "产业路": "产业路|机耕[路道]|农产品.{0,4}(?:运不出|卖不)",
    "就业": "就业|找工作|招聘|培训.{0,4}技能|零工",
    "快递": "快递|驿站|寄件|取件",
    "办事": "办事.{0,4}(?:难|远|跑)|便民服务(?:中心|站|大厅)|政务|代办|跑(?:好?几)趟",
    "老年卡": "优惠卡|老年卡|刷不了|敬老卡",
    "监控": "监控|摄像头|治安|偷盗|被盗|巡逻",
    "地质灾害": "滑坡|泥石流|塌方|落石|山体",
}  # fmt: skip

#: Words for the place of a project rather than the project: a traffic light at a school is no school.
SETTINGS = {
    "学校": "学校|小学|中学|校门|放学|上学|学生",
    "小区": "小区|家属院|居民楼|住宅楼|单元|楼下|楼上",
    "广场": "广场",
    "公园": "公园",
    "市场": "市场|集市|赶集|赶场",
    "医院": "医院|卫生院|卫生室",
    "河边": "河边|河堤|堤岸|江边|水库|塘坝|山塘|池塘",
    "车站": "车站|公交站|站台",
    "路口": "路口",
    "巷子": "小巷|巷子|巷里|巷口|背街",
    "农田": "农田|田里|地里",
}


#: One alternative of a pattern: the bars within its brackets, which are never nested, do not end it.
ALTERNATIVE = re.compile(r"(?:[^|()]|\([^()]*\))+")
#: A plain word is looked up in a dictionary, in a tenth of the time that a regular expression takes.
_WORD = re.compile(r"[\u4e00-\u9fffA-Za-z]{2,}")
_CHARACTER = re.compile(r"[\u4e00-\u9fff]")


class _Index:
    """A table of names and their words, indexed so that thousands of texts can be read quickly."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self._words: dict[str, list[tuple[str, str]]] = {}  # plain words by their first two characters
        self._patterns: list[tuple[str, re.Pattern[str], set[str]]] = []  # with their Chinese characters
        for name, words in table.items():
            for word in ALTERNATIVE.findall(words):
                if _WORD.fullmatch(word):
                    self._words.setdefault(word[:2].lower(), []).append((word.lower(), name))
                else:
                    self._patterns.append((name, re.compile(word), set(_CHARACTER.findall(word))))

    def names_in(self, text: str) -> frozenset[str]:
        """Return the names of which a word or a pattern occurs in ``text``."""
        characters = set(text)
        pairs = {text[start : start + 2] for start in range(len(text) - 1)}
        names = {
            name for pair in pairs & self._words.keys() for word, name in self._words[pair] if word in text
        }
        for name, pattern, needed in self._patterns:
            # A text that a pattern matches has two of the pattern's characters, or its only one.
            likely = len(needed & characters) >= min(len(needed), 2)
            if likely and name not in names and pattern.search(text):
                names.add(name)
        return frozenset(names)


@lru_cache(maxsize=1)
def _indexes() -> tuple[_Index, _Index]:
    return _Index(SUBJECTS), _Index(SETTINGS)


def of(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of `SUBJECTS` and those of `SETTINGS` that occur in ``text``, which is in lower case."""
    subjects, settings = _indexes()
    return subjects.names_in(text), settings.names_in(text)


#: 东山村, 南岭社区, 人民路: the two characters before the kind of place distinguish one place from another.
_PLACE = re.compile(r"[\u4e00-\u9fff]{2}(?:村|社区|街道|[镇乡路街巷])")
_NO_PLACE = re.compile(r"[我们本这那该全各个到在去给请修通条从的是有没农乡行通线小中大新老旧马公土组]")


def places(text: str) -> frozenset[str]:
    """Return the villages, streets and similar places named in ``text``."""
    return frozenset(
        place
        for place in _PLACE.findall(text)
        if not _NO_PLACE.search(place[:-1].removesuffix("社").removesuffix("街"))
    )


def elsewhere(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two texts name places of one kind (two villages, two streets) and none in common."""
    return not one & other and bool({place[-1] for place in one} & {place[-1] for place in other})
