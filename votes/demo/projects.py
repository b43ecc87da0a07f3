"""What the candidates of the demo year say: written like real ones, of places that do not exist.

Amounts are 万元. `share` is the part of the ballots on which a candidate is marked.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Part:
    """A sub-project."""

    name: str
    target: str
    unit: str
    investment: str


@dataclass(frozen=True)
class Candidate:
    """One candidate project, how far its review is by the end of 2026, and how it fares in the vote."""

    key: str
    name: str
    category: str
    unit: str
    leader: str
    location: str
    content: str
    target: str
    total: str
    due_on: date
    benefit_scope: str
    beneficiaries: int
    background: str
    feasibility: str
    preparation: str
    safeguards: str
    funding: tuple[tuple[str, str], ...]
    share: float
    kind: str = "works"
    partners: str = ""
    year_investment: str = ""
    stage_goal: str = ""
    parts: tuple[Part, ...] = ()
    review: str = "approved"  # draft | returned | submitted | the key of the last gate passed | approved
    opinion: str = ""

    def values(self, department_id: int) -> dict[str, Any]:
        """The fields as the project service takes them."""
        return {
            "year": YEAR,
            "name": self.name,
            "category": self.category,
            "kind": self.kind,
            "content": self.content,
            "target": self.target,
            "location": self.location,
            "total_investment": Decimal(self.total),
            "year_investment": Decimal(self.year_investment or self.total),
            "due_on": self.due_on,
            "benefit_scope": self.benefit_scope,
            "beneficiaries": self.beneficiaries,
            "background": self.background,
            "feasibility": self.feasibility,
            "preparation": self.preparation,
            "safeguards": self.safeguards,
            "department_id": department_id,
            "partners": self.partners,
            "leader": self.leader,
            "multi_year": bool(self.stage_goal),
            "stage_goal": self.stage_goal,
            "funding": [{"source": source, "amount": Decimal(amount)} for source, amount in self.funding],
            "subprojects": [
                {"name": p.name, "target": p.target, "unit": p.unit, "investment": Decimal(p.investment)}
                for p in self.parts
            ],
        }


YEAR = 2027

COUNTY: tuple[Candidate, ...] = (
    Candidate(
        key="road",
        name="农村公路提档升级和危桥改造",
        category="交通出行",
        unit="示例县交通运输局",
        partners="示例县自然资源局、示例县公安局交通警察大队、各乡镇人民政府",
        leader="分管交通工作的副县长（示例）",
        location="示例河镇、示例山乡、示例湖镇 23 个行政村",
        content="改造农村公路 62 公里，路面由 3.5 米加宽至 5.5 米；实施村道安全生命防护工程 85 公里；改造四、五类危桥 7 座。",
        target="10 月底前完成路面和护栏施工，11 月底前全部交工验收并开放交通；7 座危桥全部消除病害，实现建制村通双车道比例由 61% 提高到 78%。",
        total="5480.00",
        due_on=date(2027, 11, 30),
        benefit_scope="3 个乡镇 23 个行政村",
        beneficiaries=41200,
        background="现有村道多为 2008 年前后建设，路面窄、会车难，沿线 7 座桥梁经检测为四、五类危桥，限载通行已两年，代表和群众反映集中。",
        feasibility="线路均利用既有路基加宽，不占永久基本农田；县级养护队伍和沥青拌和站齐备，施工期短、技术成熟。",
        preparation="工程可行性研究报告已批复；用地预审意见已取得；环境影响登记表已备案；施工图设计正在审查。",
        safeguards="成立项目专班，实行县、乡、村三级路长巡查；工程款按计量支付，质量缺陷责任期两年；沿线设置代表监督公示牌。",
        funding=(
            ("车辆购置税补助资金", "2460.00"),
            ("省级农村公路专项资金", "1580.00"),
            ("县级财政资金", "1440.00"),
        ),
        parts=(
            Part("农村公路加宽改造", "完成 62 公里路面加宽和排水边沟", "示例县交通运输局", "3620.00"),
            Part("村道安全生命防护工程", "完成 85 公里波形护栏、标志标线", "示例县公路养护中心", "860.00"),
            Part("危桥改造", "7 座危桥拆除重建或维修加固", "示例县交通运输局", "1000.00"),
        ),
        share=0.96,
    ),
    Candidate(
        key="housing",
        name="县城老旧小区改造",
        category="住房保障",
        unit="示例县住房和城乡建设局",
        partners="示例县民政局、示例县城市管理局、供电和供水企业",
        leader="分管城建工作的副县长（示例）",
        location="示例县城东、城南片区 18 个小区",
        content="改造 2003 年以前建成的老旧小区 18 个、楼房 96 栋、居民 2316 户，内容包括雨污分流、供水供电管线更新、外墙保温和屋面防水、楼道修缮、无障碍坡道和停车位。",
        target="6 月底前完成地下管网，9 月底前完成外墙、屋面和楼道，12 月 10 日前全部竣工验收；新增停车位 410 个，加装电梯 12 部，居民满意率达到 90% 以上。",
        total="6950.00",
        due_on=date(2027, 12, 10),
        benefit_scope="县城东、城南两个社区居民 2316 户",
        beneficiaries=7400,
        background="这些小区房龄普遍超过 25 年，屋面渗漏、管网堵塞、冬季室温不达标等问题突出，2026 年受理相关诉求 384 件。",
        feasibility="已逐户征求意见，同意率 93.6%；改造内容按“一小区一方案”确定，不动迁、不增容，可分片流水施工。",
        preparation="列入省级改造计划；初步设计和概算已批复；财政评审已完成，施工招标公告已发布。",
        safeguards="每个小区推选 3 名居民监督员；设立质量观察点和投诉电话；改造后同步引入物业或社区托管服务。",
        funding=(
            ("中央财政城镇保障性安居工程补助资金", "3120.00"),
            ("省级财政补助资金", "1480.00"),
            ("县级财政资金", "1850.00"),
            ("管线单位出资", "500.00"),
        ),
        parts=(
            Part(
                "城东片区 10 个小区", "1288 户，管网、外墙、屋面和道路", "示例县住房和城乡建设局", "3890.00"
            ),
            Part("城南片区 8 个小区", "1028 户，管网、外墙、屋面和道路", "示例县住房和城乡建设局", "3060.00"),
        ),
        share=0.93,
    ),
    Candidate(
        key="kindergarten",
        name="公办幼儿园新建和扩建",
        category="教育",
        unit="示例县教育局",
        partners="示例县住房和城乡建设局、示例县自然资源局、示例河镇和示例湖镇人民政府",
        leader="分管教育工作的副县长（示例）",
        location="示例县城东新区、示例河镇、示例湖镇",
        content="新建公办幼儿园 2 所、扩建 1 所，总建筑面积 13860 平方米，新增学位 990 个（其中托位 90 个），配齐室内外设施和厨房、保健设备。",
        target="4 月底前主体封顶，7 月上旬完成装修和设备安装，8 月 25 日前竣工验收，9 月 1 日秋季学期开学投入使用。",
        total="4860.00",
        due_on=date(2027, 8, 25),
        benefit_scope="县城东新区、示例河镇、示例湖镇适龄儿童家庭",
        beneficiaries=3300,
        background="三地学前三年适龄儿童 2870 人，公办学位缺口 960 个，部分家长需跨片区接送。",
        feasibility="用地为教育用地划拨，校舍采用通用图集，县内已有两所同类项目经验，教师编制已核定 74 名。",
        preparation="项目建议书、可行性研究报告已批复；划拨决定书已取得；地质勘察和施工图审查完成。",
        safeguards="聘请代表和家长代表参加每月现场会；消防、室内空气质量检测合格后方可启用。",
        funding=(
            ("中央支持学前教育发展资金", "1650.00"),
            ("省级财政补助资金", "980.00"),
            ("县级财政资金", "2230.00"),
        ),
        parts=(
            Part("城东新区幼儿园（新建）", "15 个班、450 个学位", "示例县教育局", "2360.00"),
            Part("示例河镇中心幼儿园（新建）", "12 个班、360 个学位", "示例县教育局", "1780.00"),
            Part("示例湖镇中心幼儿园（扩建）", "6 个班、180 个学位", "示例县教育局", "720.00"),
        ),
        share=0.95,
    ),
    Candidate(
        key="clinic",
        name="乡镇卫生院和村卫生室服务能力提升",
        category="医疗卫生",
        unit="示例县卫生健康局",
        partners="示例县医疗保障局、示例县人民医院、各乡镇人民政府",
        leader="分管卫生健康工作的副县长（示例）",
        location="3 所乡镇卫生院、28 个村卫生室",
        content="改造 3 所乡镇卫生院门诊综合楼 6420 平方米，各配置 16 排 CT、彩超、数字化 X 线机 1 套；标准化改造村卫生室 28 个，配备智能随访设备；建成远程会诊点 31 个。",
        target="6 月中旬完成门诊楼改造，8 月底前设备安装调试完毕，10 月底前全部投入使用；常见病在乡镇首诊率由 52% 提高到 65%。",
        total="3260.00",
        due_on=date(2027, 10, 31),
        benefit_scope="全县农村居民",
        beneficiaries=86500,
        background="基层影像设备使用超过 10 年，群众做 CT 须往返县城 40 至 70 公里，慢性病随访靠手工登记。",
        feasibility="县人民医院已建成影像诊断中心，可实行“乡镇检查、县级诊断”；3 所卫生院均有具备资质的影像技师。",
        preparation="设备采购需求论证通过；改造施工图审查完成；辐射安全环境影响登记表已备案。",
        safeguards="设备采购全程公开；县人民医院派驻骨干医师每周坐诊两日；运行经费列入县级预算。",
        funding=(
            ("省级卫生健康专项资金", "1430.00"),
            ("东西部协作资金", "600.00"),
            ("县级财政资金", "1230.00"),
        ),
        parts=(
            Part("卫生院门诊综合楼改造", "3 所、6420 平方米", "示例县卫生健康局", "1580.00"),
            Part("影像和检验设备配置", "CT、彩超、DR 各 3 台（套）", "示例县卫生健康局", "1320.00"),
            Part("村卫生室标准化改造", "28 个", "各乡镇人民政府", "360.00"),
        ),
        share=0.94,
    ),
    Candidate(
        key="care",
        name="区域养老服务中心和老年助餐点建设",
        category="养老托育",
        unit="示例县民政局",
        partners="示例县自然资源局、示例县住房和城乡建设局、示例县市场监督管理局",
        leader="分管民政工作的副县长（示例）",
        location="示例县城南片区，各乡镇和社区",
        content="新建区域养老服务中心 1 处，建筑面积 7800 平方米、护理型床位 200 张；改造老年助餐点 24 个，覆盖 3 个乡镇驻地和 9 个社区。",
        target="2027 年 9 月底前养老服务中心主体封顶，24 个助餐点 10 月底前全部开餐；2028 年 6 月底前养老服务中心竣工投用。",
        total="2980.00",
        year_investment="1980.00",
        due_on=date(2028, 6, 30),
        stage_goal="2027 年底前完成养老服务中心主体结构封顶和外立面施工，完成投资 1980 万元；24 个助餐点全部投入运营。",
        benefit_scope="全县 60 周岁以上老年人",
        beneficiaries=26800,
        background="全县 60 周岁以上老年人占 21.4%，失能、半失能老人 1630 人，现有护理型床位仅 118 张，独居老人吃饭难问题突出。",
        feasibility="委托有资质的机构运营，床位费和助餐价格实行政府指导；助餐点利用社区和村级既有用房，改造量小。",
        preparation="可行性研究报告已批复；选址意见书已核发；土地供应手续正在办理。",
        safeguards="民政、市场监管、消防联合验收；助餐补贴资金专账管理，每季度公开。",
        funding=(
            ("中央预算内投资", "1200.00"),
            ("省级福利彩票公益金", "480.00"),
            ("县级财政资金", "1300.00"),
        ),
        parts=(
            Part("区域养老服务中心", "7800 平方米、200 张护理型床位", "示例县民政局", "2620.00"),
            Part("老年助餐点", "24 个，日供餐能力 2600 份", "各乡镇人民政府、社区", "360.00"),
        ),
        share=0.88,
    ),
    Candidate(
        key="water",
        name="农村饮水安全巩固提升",
        category="饮水水利",
        unit="示例县水利局",
        partners="示例县卫生健康局、示例县生态环境局、各乡镇人民政府",
        leader="分管水利工作的副县长（示例）",
        location="示例山乡、示例湖镇 31 个行政村",
        content="改造集中供水厂 3 座，更换老化供水管网 146 公里，新建加压泵站 5 座、蓄水池 12 座，安装智能水表 6800 块，完善消毒和水质在线监测设备。",
        target="6 月上旬完成水厂改造，9 月下旬完成管网更换，11 月 20 日前全部通水；供水保证率达到 95% 以上，水质达标率 100%。",
        total="4230.00",
        due_on=date(2027, 11, 20),
        benefit_scope="31 个行政村 6800 户",
        beneficiaries=23900,
        background="部分管网已运行 18 年，漏损率 34%，冬季冻管、夏季高峰停水时有发生，2026 年代表就此提出建议 11 件。",
        feasibility="水源地水量充足、水质达到Ⅱ类；沿原管线埋设，开挖量可控；专业化管护公司已组建。",
        preparation="初步设计已批复；管材采购方案已备案；水源地取水许可在有效期内。",
        safeguards="管材进场逐批抽检；实行“一户一表、按量计价、财政补差”；水质检测结果每月公示。",
        funding=(
            ("中央财政水利发展资金", "1760.00"),
            ("中央财政衔接推进乡村振兴补助资金", "1150.00"),
            ("县级财政资金", "1320.00"),
        ),
        parts=(
            Part("水厂改造", "3 座，日供水能力 9600 吨", "示例县水利局", "1380.00"),
            Part("管网和泵站", "管网 146 公里、泵站 5 座、蓄水池 12 座", "示例县水利局", "2390.00"),
            Part("智能水表和水质监测", "水表 6800 块、在线监测 8 处", "示例县农村供水中心", "460.00"),
        ),
        share=0.92,
    ),
    Candidate(
        key="sewage",
        name="农村生活污水治理",
        category="环境整治",
        unit="示例县生态环境局",
        partners="示例县农业农村局、示例县水利局、各乡镇人民政府",
        leader="分管生态环境工作的副县长（示例）",
        location="示例河、示例湖沿线 32 个行政村",
        content="铺设污水收集管网 118 公里，新建集中处理设施 14 座、三格式化粪池 1960 座，整治黑臭水体 6 处。",
        target="5 月底前管网铺设过半，8 月底前处理设施建成，10 月底前试运行，11 月底前验收；32 个村生活污水治理率达到 75%。",
        total="3820.00",
        due_on=date(2027, 11, 30),
        benefit_scope="示例河、示例湖沿线 32 个行政村 7150 户",
        beneficiaries=25100,
        background="沿线村庄污水直排，示例湖入湖口总磷偶有超标，群众对房前屋后水沟臭味反映强烈。",
        feasibility="采用“集中为主、分散为辅”的模式，处理工艺成熟，运行费用每户每年约 38 元，由县级财政和村集体分担。",
        preparation="实施方案已通过专家评审；14 座处理设施用地由村集体提供；施工图设计完成 60%。",
        safeguards="委托第三方统一运维，出水水质每季度检测；管网隐蔽工程影像留档，未留档不予计量。",
        funding=(
            ("中央财政农村环境整治资金", "1620.00"),
            ("省级生态环境专项资金", "900.00"),
            ("县级财政资金", "1300.00"),
        ),
        share=0.84,
    ),
    Candidate(
        key="parking",
        name="县城公共停车位和充电设施建设",
        category="便民服务",
        unit="示例县城市管理局",
        partners="示例县公安局、示例县发展和改革局、供电企业",
        leader="分管城市管理工作的副县长（示例）",
        location="示例县城 9 处边角地块、县人民医院和 3 所学校周边",
        content="利用边角地建设公共停车场 9 处、泊位 860 个，配建充电桩 120 台（快充 48 台），建设城市停车诱导平台，学校周边设置限时停车泊位 160 个。",
        target="4 月底前完成场地硬化，6 月 30 日前全部投入使用并接入停车诱导平台；实行 30 分钟内免费。",
        total="2150.00",
        due_on=date(2027, 6, 30),
        benefit_scope="县城居民和进城群众",
        beneficiaries=52000,
        background="县城机动车保有量 3.4 万辆，公共泊位缺口约 2700 个，县医院和学校周边上下班时段拥堵严重。",
        feasibility="地块均为国有存量用地，无拆迁；充电负荷已由供电企业论证，可就近接入。",
        preparation="用地手续齐备；施工图和预算评审完成；电力接入方案已批复。",
        safeguards="收费标准经价格听证；平台数据归政府所有；预留无障碍泊位不少于 2%。",
        funding=(("县级财政资金", "1350.00"), ("社会资本", "800.00")),
        share=0.82,
        review="draft",
    ),
    Candidate(
        key="home",
        name="困难老年人和残疾人家庭无障碍适老化改造",
        category="社会保障",
        unit="示例县残疾人联合会",
        partners="示例县民政局、各乡镇人民政府",
        leader="分管民政工作的副县长（示例）",
        location="",
        kind="policy",
        content="为 620 户经济困难的高龄、失能老年人和重度残疾人家庭实施“一户一策”改造，包括坡道、扶手、低位灶台、防滑地面、卫浴改造和紧急呼叫装置。",
        target="3 月底前完成入户评估，6 月 20 日前 620 户全部改造完成并逐户验收，群众满意率达到 95% 以上。",
        total="372.00",
        due_on=date(2027, 6, 20),
        benefit_scope="620 户困难老年人和残疾人家庭",
        beneficiaries=1480,
        background="全县登记在册的困难高龄、重度残疾家庭 1900 户，居家跌倒是老人致残的首要原因。",
        feasibility="户均改造 6000 元，施工 2 至 3 天，评估和施工单位通过公开招标确定，前三年已完成 860 户。",
        preparation="改造对象经村（社区）公示；评估标准和产品目录已印发。",
        safeguards="实行评估、施工、验收三分离；每户建立前后对比影像档案；两年质保。",
        funding=(("中央财政残疾人事业发展补助资金", "180.00"), ("县级财政资金", "192.00")),
        share=0.90,
        review="submitted",
    ),
    Candidate(
        key="riverside",
        name="县城滨河健身步道和口袋公园建设",
        category="文化体育",
        unit="示例县文体旅游局",
        partners="示例县水利局、示例县住房和城乡建设局",
        leader="分管文体旅游工作的副县长（示例）",
        location="示例河县城段两岸",
        content="建设滨河健身步道 6.8 公里、口袋公园 5 处，配套照明、公厕 3 座、健身器材 24 组和母婴室 2 处。",
        target="9 月底前步道贯通，11 月 15 日前口袋公园和配套设施全部开放。",
        total="2640.00",
        due_on=date(2027, 11, 15),
        benefit_scope="县城居民",
        beneficiaries=48000,
        background="县城人均公园绿地面积 8.1 平方米，低于全省平均水平，河岸现状为土路，夜间无照明。",
        feasibility="沿防洪堤顶布置，不占河道行洪断面；绿化以乡土树种为主，养护成本低。",
        preparation="方案设计已公示；水利部门已出具涉河建设意见。",
        safeguards="汛期停工避险；照明采用节能灯具，运行费用列入城市维护预算。",
        funding=(("省级体育彩票公益金", "600.00"), ("县级财政资金", "2040.00")),
        share=0.52,
        review="party",
    ),
    Candidate(
        key="market",
        name="农贸市场提升改造",
        category="便民服务",
        unit="示例县市场监督管理局",
        partners="示例县城市管理局、示例县商务局",
        leader="分管市场监管工作的副县长（示例）",
        location="示例县城中心市场、示例河镇市场、示例湖镇市场",
        content="改造农贸市场 3 处，建筑面积 9300 平方米，更新摊位 420 个、给排水和冷链设施，建设快检室 3 间和农民自产自销区 3 处。",
        target="分批施工、不停业改造，10 月底前全部完成。",
        total="1350.00",
        due_on=date(2027, 10, 31),
        benefit_scope="县城和两镇居民、摊贩 420 户",
        beneficiaries=38000,
        background="市场建成超过 20 年，顶棚漏雨、排水不畅，消防设施不达标。",
        feasibility="产权清晰，经营户改造意愿调查同意率 88%，可设临时过渡区。",
        preparation="消防改造方案已审查；过渡区选址已确定。",
        safeguards="过渡期减免摊位费；改造后摊位费三年内不上涨。",
        funding=(("县级财政资金", "950.00"), ("市场经营单位出资", "400.00")),
        share=0.41,
        review="returned",
        opinion="过渡期间摊贩安置方案不够具体，请补充临时市场位置、时限和补助标准后重新提交。",
    ),
    Candidate(
        key="jobs",
        name="零工市场和职业技能培训",
        category="就业创业",
        unit="示例县人力资源和社会保障局",
        partners="示例县总工会、示例县妇女联合会、各乡镇人民政府",
        leader="分管人力资源社会保障工作的副县长（示例）",
        location="",
        kind="policy",
        content="建成规范化零工市场 2 处（室内 1200 平方米），提供免费候工、技能培训、法律咨询和欠薪维权“一站式”服务；开展家政、养老护理、电工焊工等培训 3000 人次。",
        target="4 月 1 日前 2 处零工市场开放，12 月 15 日前完成培训 3000 人次、促成就业 2400 人次。",
        total="330.00",
        due_on=date(2027, 12, 15),
        benefit_scope="城乡灵活就业和返乡务工人员",
        beneficiaries=9600,
        background="县城两处自发马路零工市场日均聚集 300 余人，候工无遮蔽、用工无合同，纠纷多发。",
        feasibility="利用闲置客运站房改造，投资省；培训机构通过目录遴选，按取证和就业结果拨付补贴。",
        preparation="房屋使用协议已签订；培训工种目录已发布。",
        safeguards="培训实名签到、影像留档；补贴名单在政府网站公示。",
        funding=(("就业补助资金", "230.00"), ("县级财政资金", "100.00")),
        share=0.74,
        review="government",
    ),
)


def _town(
    key: str, name: str, category: str, unit: str, place: str, total: str, due: date, people: int,
    content: str, target: str, background: str, share: float,
    *, kind: str = "works", review: str = "approved", opinion: str = "",
) -> Candidate:  # fmt: skip
    """A township's candidate: smaller, its money from county and township."""
    county = (Decimal(total) * Decimal("0.6")).quantize(Decimal("0.01"))
    lead = "分管副乡长（示例）" if place.endswith("乡") else "分管副镇长（示例）"
    return Candidate(
        key=key,
        name=name,
        category=category,
        unit=unit,
        partners="各村民委员会",
        leader=lead,
        location="" if kind == "policy" else f"{place}有关村和集镇",
        content=content,
        target=target,
        total=total,
        due_on=due,
        benefit_scope=f"{place}有关村居民",
        beneficiaries=people,
        background=background,
        feasibility="规模适中，当年可以建成见效；建后由村集体负责日常管护。",
        preparation="经村民会议表决同意；预算已由财政所审核。",
        safeguards="主席团成员一对一联系督办，进度和资金在村务公开栏公示。",
        funding=(("县级财政补助资金", str(county)), ("乡镇财政资金", str(Decimal(total) - county))),
        kind=kind,
        share=share,
        review=review,
        opinion=opinion,
    )


_ECONOMY, _SOCIAL = "经济发展办公室", "社会事务办公室"
_BUILDING, _FARM = "村镇建设服务中心", "农业农村服务中心"

TOWNSHIPS: dict[str, tuple[Candidate, ...]] = {
    "shilihe": (
        _town("lane", "集镇主街道路面和排水改造", "交通出行", _BUILDING, "示例河镇", "268.00", date(2027, 9, 30), 6200,
              "改造集镇主街 1.6 公里路面，更换雨水管 2.1 公里，增设人行道和无障碍坡道。",
              "9 月底前完工通车，雨天不再积水。", "主街路面破损、逢雨积水，沿街商户和学生出行不便。", 0.92),
        _town("lights", "村组道路太阳能路灯安装", "便民服务", _BUILDING, "示例河镇", "86.00", date(2027, 6, 30), 4100,
              "在 9 个村民小组主要道路安装太阳能路灯 240 盏。", "6 月底前全部亮灯，损坏三日内修复。",
              "村组道路夜间无照明，老人和学生夜行不安全。", 0.9),
        _town("canal", "田间灌溉渠系修复", "饮水水利", _FARM, "示例河镇", "195.00", date(2027, 10, 31), 5300,
              "修复支渠、斗渠 14.2 公里，更换闸门 36 座，恢复灌溉面积 4200 亩。", "夏灌前完成 8 公里，10 月底前全部完成。",
              "渠道淤塞渗漏，尾端农田用水难。", 0.84),
        _town("school", "中心小学运动场和厕所改造", "教育", _SOCIAL, "示例河镇", "142.00", date(2027, 8, 25), 1150,
              "改造 200 米环形跑道和篮球场 2 片，新建水冲式厕所 1 座。", "暑期施工，8 月 25 日前验收，秋季开学使用。",
              "运动场为煤渣地面，厕所为旱厕。", 0.88, review="joint"),
        _town("square", "集镇文化广场提升", "文化体育", _SOCIAL, "示例河镇", "118.00", date(2027, 11, 15), 3800,
              "硬化广场 2600 平方米，增设戏台雨棚、健身器材和夜间照明。", "11 月中旬前开放使用。",
              "广场地面破损，群众文化活动缺少场地。", 0.40, review="draft"),
    ),
    "shilishan": (
        _town("spring", "山区村组引水入户", "饮水水利", _FARM, "示例山乡", "176.00", date(2027, 9, 20), 2100,
              "新建引水池 6 座，铺设入户管线 23 公里，解决 11 个村民小组用水。", "9 月 20 日前全部通水，水质检测合格。",
              "高山村组枯水期须到 2 公里外取水。", 0.95),
        _town("clinic", "乡卫生院康复理疗室建设", "医疗卫生", _SOCIAL, "示例山乡", "64.00", date(2027, 7, 31), 5600,
              "改造康复理疗室 180 平方米，配置理疗床位 8 张和康复器材 22 件（套）。", "7 月底前投入使用。",
              "山区劳损病人多，做康复须到县城。", 0.86),
        _town("bridge", "示例沟便民桥重建", "交通出行", _BUILDING, "示例山乡", "158.00", date(2027, 10, 15), 1800,
              "拆除漫水桥，重建 3 跨 48 米钢筋混凝土便民桥，桥面净宽 5 米。", "主汛期前完成下部结构，10 月中旬通车。",
              "汛期漫水桥中断交通，3 个村出行受阻。", 0.9, review="joint"),
        _town("market", "农产品产地冷藏点建设", "乡村振兴", _ECONOMY, "示例山乡", "132.00", date(2027, 11, 10), 2600,
              "建设产地冷藏库 600 立方米，配套分拣包装间和收购台。", "采收季前建成使用。",
              "山区鲜果集中上市，无处保鲜，贱卖损耗大。", 0.39, review="returned",
              opinion="用地性质和运营主体尚未明确，请补充后重新提交。"),
    ),
    "shilihu": (
        _town("shore", "湖岸村庄污水和垃圾整治", "环境整治", _BUILDING, "示例湖镇", "236.00", date(2027, 10, 20), 4700,
              "铺设污水管 9.6 公里，新建小型处理设施 3 座，配置分类垃圾亭 45 处、转运车 4 辆。",
              "10 月 20 日前完成，入湖沟渠无直排。", "部分村庄污水直排入湖沟，夏季异味明显。", 0.91),
        _town("meals", "村级老年幸福食堂运营", "养老托育", _SOCIAL, "示例湖镇", "72.00", date(2027, 12, 10), 1900,
              "在 6 个村开办老年幸福食堂，为 75 周岁以上老人每日提供一餐热饭，行动不便者送餐上门。",
              "5 月底前 6 处全部开餐，全年供餐不少于 9 万份。", "独居高龄老人做饭难、吃饭凑合。", 0.93, kind="policy"),
        _town("wharf", "渔港码头安全护栏和照明", "公共安全", _ECONOMY, "示例湖镇", "98.00", date(2027, 6, 20), 2300,
              "维修码头 2 处，加装护栏 680 米、照明 52 盏、救生设施 20 套。", "6 月 20 日前（开渔前）全部完成。",
              "码头护栏锈蚀缺失，夜间靠泊和游人观光存在隐患。", 0.87),
        _town("rooms", "村级儿童活动室建设", "教育", _SOCIAL, "示例湖镇", "54.00", date(2027, 8, 31), 900,
              "利用闲置村校建设儿童活动室 5 处，配置图书 6000 册和活动器材，落实暑期看护志愿者。",
              "暑假前开放 3 处，8 月底前全部开放。", "外出务工家庭多，假期儿童无人看护，溺水隐患突出。", 0.85,
              review="joint"),
        _town("parking", "集镇停车场建设", "便民服务", _BUILDING, "示例湖镇", "126.00", date(2027, 9, 30), 3000,
              "建设集镇停车场 1 处、泊位 120 个，配充电桩 10 台。", "9 月底前投入使用。",
              "旅游旺季集镇车辆乱停，道路拥堵。", 0.42, review="submitted"),
    ),
}  # fmt: skip
