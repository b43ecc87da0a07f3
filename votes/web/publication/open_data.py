"""Open data: every published field with its name, type, meaning and value, declared once.

The answers, the table, the page that explains them and openapi.json are made from these declarations.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, NamedTuple

from votes.models import Body, Deputy, Report, Round
from votes.rules.duties.duties import PUBLIC_FIELDS, DutyFigures, public_fields
from votes.rules.projects.fields import IN_FORM
from votes.services.delivery import adjustments, reports, trackings
from votes.services.duties import figures as duties, public_pages
from votes.services.publication import public_projects
from votes.services.suggestions import stories, suggestions
from votes.services.supervision import citizen_ratings, overview
from votes.services.voting import results as voting_results
from votes.web.pages import public_url
from votes.web.publication.schemas import (
    COUNT,
    DAY,
    GRADE,
    GRADES as GRADE_WORDS,
    MONTH,
    NUMBER,
    OF_KIND,
    PERCENT,
    TEXT,
    URL,
    WEIGHT,
    WHOLE,
    Schema,
    a_list,
    an_object,
    one_of,
    or_null,
)
from votes.web.words.labels import GRADES, label


def value_of(thing: Any, source: str | Callable[[Any], Any]) -> Any:
    """Return what ``source`` reads of a thing: the path of an attribute, or a function."""
    return source(thing) if callable(source) else attrgetter(source)(thing)


class DataField(NamedTuple):
    """One published field.

    ``source`` is the path of an attribute of the row's thing, or a function of the thing; empty: the attribute ``key``.
    ``name`` stands at the head of the CSV column, unless ``table`` is off: nested values are in the JSON only, or said
    in one ``cell``.
    """

    key: str
    schema: Schema
    name: str
    meaning: str = ""
    source: str | Callable[[Any], Any] = ""
    table: bool = True
    cell: Callable[[Any], str] | None = None

    @property
    def description(self) -> str:
        """Return what the field means."""
        return self.meaning or self.name

    def value(self, thing: Any) -> Any:
        """Return the value that the field has of a published project, an announced round, a year's counts."""
        return value_of(thing, self.source or self.key)


@dataclass(frozen=True)
class Shape:
    """The objects of a nested list: key → type, and the sources of the keys that are no attribute of the thing."""

    types: dict[str, Schema]
    sources: dict[str, str | Callable[[Any], Any]] = field(default_factory=dict)

    @property
    def schema(self) -> Schema:
        """Return the type of a list of such objects."""
        return a_list(self.types)

    def values(self, things: Iterable[Any]) -> list[dict[str, Any]]:
        """Return one object a thing."""
        return [{key: value_of(thing, self.sources.get(key, key)) for key in self.types} for thing in things]


class DataSet(NamedTuple):
    """A file of open data: its key in the answer, its title, the name of its schema, its fields."""

    key: str
    title: str
    schema: str
    fields: tuple[DataField, ...]

    @property
    def file(self) -> str:
        """Return the name of the file."""
        return f"{self.key.replace('_', '-')}.json"

    def rows(self, things: Iterable[Any]) -> list[dict[str, Any]]:
        """Return one JSON object a thing."""
        return [{each.key: plain(each.value(thing)) for each in self.fields} for thing in things]


@dataclass(frozen=True)
class PublishedProject(trackings.TrackedProject):
    """A project as open data has it: where it stands, and how deputies rated it."""

    ratings: Sequence[voting_results.AnnouncedRating] = ()
    villages: Sequence[str] = ()


def published(lines: Sequence[trackings.TrackedProject]) -> list[PublishedProject]:
    """Return the lines with the announced ratings (满意度测评) and the villages of their projects."""
    ids = [line.project.id for line in lines]
    ratings, places = voting_results.ratings(ids), public_projects.villages(ids)
    return [
        PublishedProject(
            **vars(line),
            ratings=ratings.get(line.project.id, ()),
            villages=[village.full_name for village in places.get(line.project.id, ())],
        )
        for line in lines
    ]


def _ratings(line: PublishedProject) -> list[dict[str, Any]]:
    return [
        {**row, **(r.figures or {})} for r, row in zip(line.ratings, RATING.values(line.ratings), strict=True)
    ]


def _sources(report: Report | None) -> list[dict[str, Any]]:
    return MONEY.values(reports.money_of(report)) if report else []


def _reported_parts(report: Report) -> list[dict[str, Any]]:
    parts = reports.parts_of(report.tracking, report)
    return REPORTED_PART.values(each for each in parts if each.percent is not None)


def _month(report: Report | None) -> str | None:
    return f"{report.month:%Y-%m}" if report else None


def _part_words(parts: list[dict[str, Any]]) -> str:
    return "；".join(
        f"{part['name']}（权重 {part['weight']}）"
        + ("尚未分项报送" if part["percent"] is None else f"{part['percent']}%")
        for part in parts
    )


def _source_words(rows: list[dict[str, Any]]) -> str:
    return "；".join(
        f"{r['source']}：计划 {r['planned']:.2f}，到位 {r['in_place']:.2f}，拨付 {r['paid']:.2f}"
        for r in rows
    )


def _beyond(line: PublishedProject) -> str | None:
    carried = trackings.carried(line.tracking)
    return label(carried).word if carried else None


KINDS = {"works": "工程类", "policy": "政策类"}


def _of_project(name: str, kind: str) -> str | Callable[[PublishedProject], Any]:
    return (lambda x: KINDS.get(x.project.kind, "")) if kind == "kind" else f"project.{name}"


#: What is written about a project and published, by key.
_OWN = {
    field.name: DataField(
        field.name, OF_KIND[field.kind], *field.public[:2], _of_project(field.name, field.kind)
    )
    for field in IN_FORM
    if field.public
}
MONEY = Shape({"source": TEXT, "planned": NUMBER, "in_place": NUMBER, "paid": NUMBER})
PART = Shape(
    {"name": TEXT, "unit": TEXT, "target": TEXT, "weight": WEIGHT, "percent": or_null(PERCENT), "note": TEXT},
    {"name": "part.name", "unit": "part.unit", "target": "part.target", "weight": "part.weight"},
)
REPORTED_PART = Shape({"name": TEXT, "percent": PERCENT, "note": TEXT}, {"name": "part.name"})
REPORT = Shape(
    {
        "month": MONTH,
        "percent": NUMBER,
        "percent_reason": TEXT,
        "money_planned": NUMBER,
        "money_in_place": NUMBER,
        "money_paid": NUMBER,
        "parts": REPORTED_PART.schema,
        "sources": MONEY.schema,
        "narrative": TEXT,
        "next_step": TEXT,
    },
    {"month": _month, "parts": _reported_parts, "sources": _sources},
)
CHANGE = Shape({"name": TEXT, "before": TEXT, "after": TEXT}, {"name": "label"})
ADJUSTMENT = Shape(
    {
        "kind": TEXT,
        "reason": TEXT,
        "changes": CHANGE.schema,
        "organ": TEXT,
        "document_number": TEXT,
        "decided_on": DAY,
        "announced_on": DAY,
    },
    {"kind": lambda x: label(x.kind).word, "changes": lambda x: CHANGE.values(adjustments.sides(x))},
)
MILESTONE = Shape({"name": TEXT, "planned_on": DAY, "planned_percent": NUMBER, "actual_on": or_null(DAY)})
RATING = Shape(
    {"session": TEXT, "year": WHOLE, "grade": GRADE},
    {"session": "round.session.title", "year": "round.session.year", "grade": lambda x: GRADES[x.grade].word},
)
#: What is published of a rating besides, where the rule publishes figures.
_RATED = dict.fromkeys(("satisfied", "basically", "dissatisfied", "void"), COUNT)

FIELDS = (
    DataField("id", WHOLE, "标识", "项目在本系统中的编号，不随年度重复", "project.id"),
    _OWN["year"],
    DataField("number", or_null(WHOLE), "编号", "项目在票决名单上的编号", "project.number"),
    *(field for key, field in _OWN.items() if key != "year"),
    DataField("unit", TEXT, "责任单位", "", "tracking.unit_name"),
    DataField("leader", TEXT, "分管领导", "", "tracking.leader"),
    DataField("starts_on", DAY, "开始日期", "", "tracking.starts_on"),
    DataField("due_on", DAY, "完成时限", "", "tracking.due_on"),
    DataField("beyond", one_of("顺延", "跨年度"), "跨年度情况",
          "完成时限在实施年度之后的：经决定推迟的为“顺延”，票决时即如此的为“跨年度”", _beyond),
    DataField("state", TEXT, "实施情况", "实施中、完成、基本完成、未完成、暂缓、终止", lambda x: label(x.tracking.state).word),
    DataField("finished_on", or_null(DAY), "办结日期", "认定为完成、基本完成或未完成的日期，或决定暂缓、终止的日期",
          "tracking.finished_on"),
    DataField("light", TEXT, "状态", "正常、滞后、较重滞后、严重滞后、已完成、不亮灯；规则见下", lambda x: label(x.light).word),
    DataField("reason", TEXT, "状态说明", "状态是怎样得出的", "standing.words"),
    DataField("as_of", DAY, "比较日期", "计划进度与实际进度在哪一天比较", "standing.as_of"),
    DataField("planned_percent", NUMBER, "计划进度", "比较日期应达到的百分比", "standing.planned"),
    DataField("actual_percent", NUMBER, "实际进度", "最近一次月报的形象进度，百分比", "standing.actual"),
    DataField("last_month", or_null(MONTH), "最近月报", "最近一次月报的月份", lambda x: _month(x.last)),
    DataField("money_planned", NUMBER, "年度计划投资", "最近一次月报所报，单位：万元"),
    DataField("money_in_place", NUMBER, "累计到位资金", "单位：万元"),
    DataField("money_paid", NUMBER, "累计拨付资金", "单位：万元"),
    DataField("parts", PART.schema, "子项目",
          "每个子项目的名称 name、责任单位 unit、目标 target、权重 weight、最近一期的进度 percent 和说明 note；CSV 中合为一格",
          lambda x: PART.values(reports.parts_of(x.tracking)), cell=_part_words),
    DataField("sources", MONEY.schema, "分来源资金",
          "最近一期各资金来源 source 的年度计划 planned、累计到位 in_place、累计拨付 paid，单位：万元；没有分来源报送的为空；"
          "CSV 中合为一格",
          lambda x: _sources(x.last), cell=_source_words),
    DataField("adjustments", ADJUSTMENT.schema, "项目调整",
          "已公告的每次调整、暂缓、终止、恢复：类型 kind、原因 reason、前后对照 changes（内容 name、调整前 before、调整后 after）、"
          "决定机关 organ、文号 document_number、决定日期 decided_on、公告日期 announced_on",
          lambda x: ADJUSTMENT.values(adjustments.published(x.tracking)), table=False),
    DataField("villages", {"type": "array", "items": TEXT}, "涉及村（社区）", "项目所在或惠及的村（社区），没有写明的为空",
          table=False),
    DataField("rating", one_of(*GRADE_WORDS), "满意度测评", "最近一次人大代表满意度测评的等次：满意、基本满意、不满意",
          lambda x: GRADES[x.ratings[0].grade].word if x.ratings else None),
    DataField("ratings", a_list({**RATING.types, **_RATED}, optional=_RATED), "历次满意度测评",
          "每次测评的会议 session、年度 year、等次 grade；公布票数的，另有满意 satisfied、基本满意 basically、"
          "不满意 dissatisfied、无效 void",
          _ratings, table=False),
    DataField("milestones", MILESTONE.schema, "节点计划",
          "每个节点的名称 name、计划日期 planned_on、计划进度 planned_percent、实际完成日期 actual_on",
          lambda x: MILESTONE.values(x.tracking.milestones), table=False),
    DataField("reports", REPORT.schema, "月报",
          "每期月报的月份 month、形象进度 percent（另行认定的，理由在 percent_reason）、三项资金、子项目 parts（名称 name、进度 percent、"
          "说明 note）、分来源资金 sources、进展情况 narrative、下一步安排 next_step",
          lambda x: REPORT.values(x.tracking.reports), table=False),
)  # fmt: skip


@dataclass(frozen=True)
class Announced:
    """A round whose result is announced, with the URLs of its announcement and its record."""

    round: Round
    page: str
    record: str


_TURNOUT = ("roster", "present", "issued", "returned", "valid", "invalid")
RESULT_FIELDS = (
    DataField("session", TEXT, "会议", "", "round.session.title"),
    DataField("year", WHOLE, "所票决项目的实施年度", "", "round.session.year"),
    DataField("title", TEXT, "票决名称", "", "round.title"),
    DataField("announcement", or_null(WHOLE), "公告文号：第几号", "",
          lambda x: x.round.notice.number if x.round.notice else None),
    DataField("announced_on", or_null(DAY), "公告日期", "",
          lambda x: x.round.notice.announced_on if x.round.notice else None),
    DataField("selected", a_list({"number": WHOLE, "name": TEXT, "for": COUNT}, optional=["for"]),
          "选定的项目，按名单顺序：编号 number、名称 name；票决办法规定公布票数的，另有赞成票数 for", "",
          lambda x: voting_results.selected(x.round)),
    DataField("round", {"type": "integer", "minimum": 1}, "第几轮票决：另有后续轮次时从 1 数起", "", "round.ordinal"),
    DataField("ratings", a_list({"number": WHOLE, "name": TEXT, "grade": GRADE}),
          "满意度测评的项目和等次：编号 number、名称 name、等次 grade；不是测评的为空", "",
          lambda x: [
              {**row, "grade": GRADES[row["grade"]].word} for row in voting_results.graded(x.round)
          ]),
    DataField("turnout", {"oneOf": [an_object(dict.fromkeys(_TURNOUT, COUNT)), {"type": "null"}]},
          "应到 roster、实到 present、发出 issued、收回 returned、有效 valid、无效 invalid；只公布名称的为 null", "",
          lambda x: voting_results.turnout(x.round)),
    DataField("page", URL, "公告页面"),
    DataField("record", URL, "可供复核的票决记录"),
)  # fmt: skip
FUNNEL_FIELDS = (
    DataField("year", WHOLE, "实施年度"),
    DataField("suggestions", COUNT, "征集到的建议，件"),
    DataField("refused", COUNT, "其中不予受理的，件"),
    DataField("matters", COUNT, "合并后的事项，项"),
    DataField("transferred", COUNT, "其中交有关单位论证的，项"),
    DataField("candidates", COUNT, "由此列为候选的项目，项"),
    DataField("selected", COUNT, "其中经票决选定的项目，项"),
)
SUGGESTION_FIELDS = (
    DataField(
        "by",
        {"type": "string", "enum": ["category", "township", "channel"]},
        "按什么分：category 类别、township 乡镇（街道）、channel 来源渠道",
    ),
    DataField("name", TEXT, "类别、乡镇（街道）或来源渠道的名称"),
    DataField("count", COUNT, "建议件数；只有数量，不含建议内容和建议人"),
)
SUPERVISION_FIELDS = (
    DataField("year", WHOLE, "被监督项目的实施年度"),
    DataField("inspections_planned", COUNT, "计划中的视察、调研，次", source="planned"),
    DataField("inspections_held", COUNT, "已开展的视察、调研，次", source="held"),
    DataField("notes", COUNT, "代表监督记录，条"),
    DataField("issued", COUNT, "督办件：等待责任单位答复，件"),
    DataField("answered", COUNT, "督办件：已答复、等待复查，件"),
    DataField("closed", COUNT, "督办件：已销号，件"),
    DataField("overdue", COUNT, "督办件：超过期限未答复，件"),
)
CITIZEN_FIELDS = (
    DataField("id", WHOLE, "项目标识，同 projects.json", source="project.id"),
    DataField("name", TEXT, "项目名称", source="project.name"),
    DataField("satisfied", COUNT, "群众扫码评价为满意的次数", source="counts.satisfied"),
    DataField("basically", COUNT, "基本满意的次数", source="counts.basically"),
    DataField("dissatisfied", COUNT, "不满意的次数", source="counts.dissatisfied"),
    DataField("total", COUNT, "评价总次数；与代表满意度测评分开统计，从不合并", source="counts.total"),
)


@dataclass(frozen=True)
class PublishedDeputy:
    """A deputy who has a page, and what they did in a year."""

    deputy: Deputy
    body: Body
    year: int
    figures: DutyFigures

    @property
    def page(self) -> str:
        """Return the URL of the page."""
        return public_url("deputies.show", body=self.body.code, page_key=self.deputy.page_key)

    @property
    def rates(self) -> list[dict[str, Any]]:
        """Return the rates of which there is anything."""
        named = self.figures.rates(self.body.kind).named(self.body.kind)
        return [
            {"name": name, "part": share.part, "whole": share.whole, "percent": share.percent}
            for name, share in named
            if share.percent is not None
        ]

    @property
    def entries(self) -> list[dict[str, Any]]:
        """Return the number of entries of each kind."""
        return [{"name": label(kind).word, "count": n} for kind, n in self.figures.entries.items() if n]


_RATES = a_list({"name": TEXT, "part": COUNT, "whole": COUNT, "percent": NUMBER})
DEPUTY_FIELDS = (
    DataField("name", TEXT, "姓名；只有本级人大公开主页的代表", source="deputy.name"),
    DataField("delegation", TEXT, "代表团（代表小组）", source="deputy.delegation.name"),
    DataField("page", URL, "代表主页的地址"),
    DataField("year", WHOLE, "以下各项统计的年份"),
    DataField("post", or_null(TEXT), "职务；本级人大没有选定公开的为 null，以下各项同", source="deputy.post"),
    DataField("constituency", or_null(TEXT), "选区", source="deputy.constituency"),
    DataField("gender", or_null(TEXT), "性别", source="deputy.gender"),
    DataField("ethnicity", or_null(TEXT), "民族", source="deputy.ethnicity"),
    DataField("born", or_null(TEXT), "出生年月", source="deputy.born"),
    DataField(
        "rates",
        or_null(_RATES),
        "出席率、发言率：名称 name、次数 part、应到次数 whole、百分比 percent；从不含怎样投票",
    ),
    DataField("suggestions", or_null(COUNT), "收集和转交的群众建议，件", source="figures.suggestions"),
    DataField("inspections", or_null(COUNT), "参加视察，次", source="figures.inspections"),
    DataField(
        "entries",
        or_null(a_list({"name": TEXT, "count": COUNT})),
        "培训、走访、调研等：名称 name、次数 count",
    ),
)

PROJECTS = DataSet("projects", "项目与进展", "Project", FIELDS)
RESULTS = DataSet("results", "票决和测评结果", "Result", RESULT_FIELDS)
FUNNEL = DataSet("funnel", "从建议到项目", "Funnel", FUNNEL_FIELDS)
SUGGESTIONS = DataSet("suggestions", "群众建议的数量", "SuggestionCount", SUGGESTION_FIELDS)
SUPERVISION = DataSet("supervision", "监督工作的数量", "Supervision", SUPERVISION_FIELDS)
CITIZENS = DataSet("citizen_ratings", "群众评价", "CitizenRating", CITIZEN_FIELDS)
DEPUTIES = DataSet("deputies", "代表履职公开信息", "Deputy", DEPUTY_FIELDS)
#: The data sets besides projects and results: numbers, and what deputies do.
COUNTS = (FUNNEL, SUGGESTIONS, SUPERVISION, CITIZENS, DEPUTIES)
SETS = (PROJECTS, RESULTS, *COUNTS)


def plain(value: Any) -> Any:
    """Return a value as JSON has it: dates as 2027-01-15, amounts as numbers."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def projects(lines: Sequence[trackings.TrackedProject]) -> list[dict[str, Any]]:
    """Return the selected projects, with every field of `FIELDS`."""
    return PROJECTS.rows(published(lines))


def project_rows(lines: Sequence[trackings.TrackedProject]) -> tuple[list[str], list[list[Any]]]:
    """Return head and rows of the table: the fields that fit into a cell."""
    fields = [field for field in FIELDS if field.table]
    return [f.name for f in fields], [
        [f.cell(f.value(line)) if f.cell else f.value(line) for f in fields] for line in published(lines)
    ]


def results(body: Body, rounds: Sequence[Round]) -> list[dict[str, Any]]:
    """Return the announced rounds of ``body``."""

    def url(endpoint: str, each: Round) -> str:
        return public_url(endpoint, body=body.code, public_id=each.public_id)

    return RESULTS.rows(
        Announced(each, url("public.announcement", each), url("public.record", each)) for each in rounds
    )


def funnel(year: int) -> list[dict[str, Any]]:
    """Return 征集 → 合并 → 论证 → 候选 → 当选 of a year, as one row."""
    return FUNNEL.rows([SimpleNamespace(year=year, **stories.funnel(year)._asdict())])


def suggestion_counts(year: int) -> list[dict[str, Any]]:
    """Return how many suggestions a year had by category, township and channel: never a text or a name."""
    counts = suggestions.counts(year)
    rows = [("category", name, n) for name, n in counts.categories]
    rows += [("township", name, n) for name, n in counts.townships if name]
    rows += [("channel", label(channel).word, n) for channel, n in counts.channels.items()]
    return SUGGESTIONS.rows(SimpleNamespace(by=by, name=name, count=n) for by, name, n in rows)


def supervision_counts(day: date, year: int) -> list[dict[str, Any]]:
    """Return what supervision of a year's projects came to, as one row."""
    return SUPERVISION.rows([SimpleNamespace(year=year, **overview.counts(day, year)._asdict())])


def citizens(lines: Sequence[trackings.TrackedProject]) -> list[dict[str, Any]]:
    """Return what citizens said of each project, all weeks together; projects that nobody rated with zeros."""
    counts = citizen_ratings.of([line.tracking.id for line in lines])
    none = citizen_ratings.RatingCounts()
    return CITIZENS.rows(
        SimpleNamespace(project=line.project, counts=counts.get(line.tracking.id, none)) for line in lines
    )


def deputies(body: Body, year: int) -> list[dict[str, Any]]:
    """Return the deputies who have a page, with what the place has chosen to show there."""
    figures = duties.figures(year)
    rows = DEPUTIES.rows(
        PublishedDeputy(each, body, year, figures.get(each.id) or DutyFigures())
        for each in public_pages.published()
    )
    hidden = set(PUBLIC_FIELDS) - set(public_fields(body.settings))
    return [row | dict.fromkeys(hidden) for row in rows]
