"""Open data: the published fields of a project, each with its name and meaning, as JSON and as rows of a table.

One list: what is handed out and what the page about it explains cannot differ.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from votes.models import Body, Report, Round
from votes.services.delivery import adjustments, reports, trackings
from votes.services.delivery.trackings import TrackedProject
from votes.services.duties import figures as duties, public_pages
from votes.services.publication import public_projects
from votes.services.suggestions import stories, suggestions
from votes.services.supervision import citizen_ratings, overview
from votes.services.voting import results as voting_results
from votes.web.words.labels import GRADES, label


class Field(NamedTuple):
    """``key`` in JSON, ``name`` at the head of the CSV column, what it means, and where it comes from."""

    key: str
    name: str
    meaning: str
    value: "Callable[[Published], Any]"
    table: bool = True  # nested values are in the JSON only …
    cell: "Callable[[Any], str] | None" = None  # … unless they can be said in a cell


@dataclass(frozen=True)
class Published(TrackedProject):
    """A project as open data has it: where it stands, and how deputies rated it."""

    ratings: Sequence[voting_results.Rating] = ()
    villages: Sequence[str] = ()


def published(lines: Sequence[TrackedProject]) -> list[Published]:
    """The lines with the announced ratings (满意度测评) of their projects."""
    ids = [line.project.id for line in lines]
    found, places = voting_results.ratings(ids), public_projects.villages(ids)
    return [
        Published(
            line.tracking,
            line.standing,
            ratings=found.get(line.project.id, ()),
            villages=[village.full_name for village in places.get(line.project.id, ())],
        )
        for line in lines
    ]


def _ratings(line: Published) -> list[dict[str, Any]]:
    return [
        {
            "session": r.round.session.title,
            "year": r.round.session.year,
            "grade": GRADES[r.grade].word,
            **(r.figures or {}),
        }
        for r in line.ratings
    ]


def _parts(line: Published) -> list[dict[str, Any]]:
    return [
        {
            "name": p.part.name,
            "unit": p.part.unit,
            "target": p.part.target,
            "weight": p.part.weight,
            "percent": p.percent,
            "note": p.note,
        }
        for p in reports.parts_of(line.tracking)
    ]


def _sources(report: Report | None) -> list[dict[str, Any]]:
    return [row._asdict() for row in reports.money_of(report)] if report else []


def _adjustments(line: Published) -> list[dict[str, Any]]:
    return [
        {
            "kind": label(each.kind).word,
            "reason": each.reason,
            "changes": [
                {"name": s.label, "before": s.before, "after": s.after} for s in adjustments.sides(each)
            ],
            "organ": each.organ,
            "document_number": each.document_number,
            "decided_on": each.decided_on,
            "announced_on": each.announced_on,
        }
        for each in adjustments.published(line.tracking)
    ]


def _part_words(parts: list[dict[str, Any]]) -> str:
    told = ("尚未分项报送" if p["percent"] is None else f"{p['percent']}%" for p in parts)
    return "；".join(
        f"{p['name']}（权重 {p['weight']}）{words}" for p, words in zip(parts, told, strict=True)
    )


def _source_words(rows: list[dict[str, Any]]) -> str:
    return "；".join(
        f"{r['source']}：计划 {r['planned']:.2f}，到位 {r['in_place']:.2f}，拨付 {r['paid']:.2f}"
        for r in rows
    )


def _beyond(line: Published) -> str | None:
    found = trackings.carried(line.tracking)
    return label(found).word if found else None


KINDS = {"works": "工程类", "policy": "政策类"}

FIELDS = (
    Field("id", "标识", "项目在本系统中的编号，不随年度重复", lambda x: x.project.id),
    Field("year", "年度", "实施年度", lambda x: x.project.year),
    Field("number", "编号", "项目在票决名单上的编号", lambda x: x.project.number),
    Field("name", "项目名称", "票决时的项目名称", lambda x: x.project.name),
    Field("category", "类别", "教育、医疗卫生、交通出行等", lambda x: x.project.category),
    Field("kind", "性质", "工程类或政策类", lambda x: KINDS.get(x.project.kind, "")),
    Field("content", "建设内容", "建设内容和规模", lambda x: x.project.content),
    Field("target", "年度目标", "当年要完成的目标", lambda x: x.project.target),
    Field("location", "建设地点", "", lambda x: x.project.location),
    Field("benefit_scope", "受益范围", "", lambda x: x.project.benefit_scope),
    Field("beneficiaries", "受益人数", "单位：人", lambda x: x.project.beneficiaries),
    Field("total_investment", "总投资", "单位：万元", lambda x: x.project.total_investment),
    Field("year_investment", "当年计划投资", "票决时的当年计划投资，单位：万元", lambda x: x.project.year_investment),
    Field("unit", "责任单位", "", lambda x: x.tracking.department.name if x.tracking.department else ""),
    Field("leader", "分管领导", "", lambda x: x.tracking.leader),
    Field("starts_on", "开始日期", "", lambda x: x.tracking.starts_on),
    Field("due_on", "完成时限", "", lambda x: x.tracking.due_on),
    Field(
        "beyond",
        "跨年度情况",
        "完成时限在实施年度之后的：经决定推迟的为“顺延”，票决时即如此的为“跨年度”",
        _beyond,
    ),
    Field("state", "实施情况", "实施中、完成、基本完成、未完成、暂缓、终止", lambda x: label(x.tracking.state).word),
    Field("finished_on", "办结日期", "认定为完成、基本完成或未完成的日期，或决定暂缓、终止的日期", lambda x: x.tracking.finished_on),
    Field("light", "状态", "正常、滞后、较重滞后、严重滞后、已完成、不亮灯；规则见下", lambda x: label(x.light).word),
    Field("reason", "状态说明", "状态是怎样得出的", lambda x: x.standing.words),
    Field("as_of", "比较日期", "计划进度与实际进度在哪一天比较", lambda x: x.standing.as_of),
    Field("planned_percent", "计划进度", "比较日期应达到的百分比", lambda x: x.standing.planned),
    Field("actual_percent", "实际进度", "最近一次月报的形象进度，百分比", lambda x: x.standing.actual),
    Field("last_month", "最近月报", "最近一次月报的月份", lambda x: f"{x.last.month:%Y-%m}" if x.last else None),
    Field("money_planned", "年度计划投资", "最近一次月报所报，单位：万元", lambda x: x.money_planned),
    Field("money_in_place", "累计到位资金", "单位：万元", lambda x: x.money_in_place),
    Field("money_paid", "累计拨付资金", "单位：万元", lambda x: x.money_paid),
    Field(
        "parts",
        "子项目",
        "每个子项目的名称 name、责任单位 unit、目标 target、权重 weight、最近一期的进度 percent 和说明 note；CSV 中合为一格",
        _parts,
        cell=_part_words,
    ),
    Field(
        "sources",
        "分来源资金",
        "最近一期各资金来源 source 的年度计划 planned、累计到位 in_place、累计拨付 paid，单位：万元；没有分来源报送的为空；"
        "CSV 中合为一格",
        lambda x: _sources(x.last),
        cell=_source_words,
    ),
    Field(
        "adjustments",
        "项目调整",
        "已公告的每次调整、暂缓、终止、恢复：类型 kind、原因 reason、前后对照 changes（内容 name、调整前 before、调整后 after）、"
        "决定机关 organ、文号 document_number、决定日期 decided_on、公告日期 announced_on",
        _adjustments,
        table=False,
    ),
    Field("villages", "涉及村（社区）", "项目所在或惠及的村（社区），没有写明的为空", lambda x: x.villages, table=False),
    Field(
        "rating",
        "满意度测评",
        "最近一次人大代表满意度测评的等次：满意、基本满意、不满意",
        lambda x: GRADES[x.ratings[0].grade].word if x.ratings else None,
    ),
    Field(
        "ratings",
        "历次满意度测评",
        "每次测评的会议 session、年度 year、等次 grade；公布票数的，另有满意 satisfied、基本满意 basically、"
        "不满意 dissatisfied、无效 void",
        _ratings,
        table=False,
    ),
    Field(
        "milestones",
        "节点计划",
        "每个节点的名称 name、计划日期 planned_on、计划进度 planned_percent、实际完成日期 actual_on",
        lambda x: [
            {
                "name": m.name,
                "planned_on": m.planned_on,
                "planned_percent": m.planned_percent,
                "actual_on": m.actual_on,
            }
            for m in x.tracking.milestones
        ],
        table=False,
    ),
    Field(
        "reports",
        "月报",
        "每期月报的月份 month、形象进度 percent（另行认定的，理由在 percent_reason）、三项资金、子项目 parts（名称 name、进度 percent、"
        "说明 note）、分来源资金 sources、进展情况 narrative、下一步安排 next_step",
        lambda x: [
            {
                "month": f"{r.month:%Y-%m}",
                "percent": r.percent,
                "percent_reason": r.percent_reason,
                "money_planned": r.money_planned,
                "money_in_place": r.money_in_place,
                "money_paid": r.money_paid,
                "parts": [
                    {"name": p.part.name, "percent": p.percent, "note": p.note}
                    for p in reports.parts_of(x.tracking, r)
                    if p.percent is not None
                ],
                "sources": _sources(r),
                "narrative": r.narrative,
                "next_step": r.next_step,
            }
            for r in x.tracking.reports
        ],
        table=False,
    ),
)  # fmt: skip

RESULT_FIELDS = (
    ("session", "会议"),
    ("year", "所票决项目的实施年度"),
    ("title", "票决名称"),
    ("announcement", "公告文号：第几号"),
    ("announced_on", "公告日期"),
    ("selected", "选定的项目，按名单顺序：编号 number、名称 name；票决办法规定公布票数的，另有赞成票数 for"),
    ("round", "第几轮票决：另有后续轮次时从 1 数起"),
    ("ratings", "满意度测评的项目和等次：编号 number、名称 name、等次 grade；不是测评的为空"),
    ("turnout", "应到 roster、实到 present、发出 issued、收回 returned、有效 valid、无效 invalid；只公布名称的为 null"),
    ("page", "公告页面"),
    ("record", "可供复核的票决记录"),
)  # fmt: skip


def plain(value: Any) -> Any:
    """A value as JSON has it: dates as 2027-01-15, amounts as numbers."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def projects(lines: Sequence[TrackedProject]) -> list[dict[str, Any]]:
    """One object a project, with every field of `FIELDS`."""
    return [{field.key: plain(field.value(line)) for field in FIELDS} for line in published(lines)]


def project_rows(lines: Sequence[TrackedProject]) -> tuple[list[str], list[list[Any]]]:
    """Head and rows of the table: the fields that fit into a cell."""
    fields = [field for field in FIELDS if field.table]
    return [f.name for f in fields], [
        [f.cell(f.value(line)) if f.cell else f.value(line) for f in fields] for line in published(lines)
    ]


def results(
    rounds: Sequence[Round], *, page: Callable[[str], str], record: Callable[[str], str]
) -> list[dict[str, Any]]:
    """One object an announced round; ``page`` and ``record`` make the addresses out of its public id."""
    return [
        {
            "session": round_.session.title,
            "year": round_.session.year,
            "title": round_.title,
            "announcement": round_.notice.number if round_.notice else None,
            "announced_on": plain(round_.notice.announced_on) if round_.notice else None,
            "selected": voting_results.selected(round_),
            "round": round_.ordinal,
            "ratings": [{**row, "grade": GRADES[row["grade"]].word} for row in voting_results.graded(round_)],
            "turnout": voting_results.turnout(round_),
            "page": page(round_.public_id),
            "record": record(round_.public_id),
        }
        for round_ in rounds
    ]


# --- counts: from suggestions to ratings ---------------------------------------------------------------

FUNNEL_FIELDS = (
    ("year", "实施年度"),
    ("suggestions", "征集到的建议，件"),
    ("refused", "其中不予受理的，件"),
    ("matters", "合并后的事项，项"),
    ("transferred", "其中交有关单位论证的，项"),
    ("candidates", "由此列为候选的项目，项"),
    ("selected", "其中经票决选定的项目，项"),
)
SUGGESTION_FIELDS = (
    ("by", "按什么分：category 类别、township 乡镇（街道）、channel 来源渠道"),
    ("name", "类别、乡镇（街道）或来源渠道的名称"),
    ("count", "建议件数；只有数量，不含建议内容和建议人"),
)
SUPERVISION_FIELDS = (
    ("year", "被监督项目的实施年度"),
    ("inspections_planned", "计划中的视察、调研，次"),
    ("inspections_held", "已开展的视察、调研，次"),
    ("notes", "代表监督记录，条"),
    ("issued", "督办件：等待责任单位答复，件"),
    ("answered", "督办件：已答复、等待复查，件"),
    ("closed", "督办件：已销号，件"),
    ("overdue", "督办件：超过期限未答复，件"),
)
CITIZEN_FIELDS = (
    ("id", "项目标识，同 projects.json"),
    ("name", "项目名称"),
    ("satisfied", "群众扫码评价为满意的次数"),
    ("basically", "基本满意的次数"),
    ("dissatisfied", "不满意的次数"),
    ("total", "评价总次数；与代表满意度测评分开统计，从不合并"),
)
DEPUTY_FIELDS = (
    ("name", "姓名；只有本级人大公开主页的代表"),
    ("delegation", "代表团（代表小组）"),
    ("page", "代表主页的地址"),
    ("year", "以下各项统计的年份"),
    ("post", "职务；本级人大没有选定公开的为 null，以下各项同"),
    ("constituency", "选区"),
    ("gender", "性别"),
    ("ethnicity", "民族"),
    ("born", "出生年月"),
    ("rates", "出席率、发言率：名称 name、次数 part、应到次数 whole、百分比 percent；从不含怎样投票"),
    ("suggestions", "收集和转交的群众建议，件"),
    ("inspections", "参加视察，次"),
    ("entries", "培训、走访、调研等：名称 name、次数 count"),
)

#: The further data sets: key, file, what it holds, its fields.
COUNTS = (
    ("funnel", "funnel.json", "从建议到项目", FUNNEL_FIELDS),
    ("suggestions", "suggestions.json", "群众建议的数量", SUGGESTION_FIELDS),
    ("supervision", "supervision.json", "监督工作的数量", SUPERVISION_FIELDS),
    ("citizen_ratings", "citizen-ratings.json", "群众评价", CITIZEN_FIELDS),
    ("deputies", "deputies.json", "代表履职公开信息", DEPUTY_FIELDS),
)


def funnel(year: int) -> list[dict[str, Any]]:
    """征集 → 合并 → 论证 → 候选 → 当选 of a year, as one row."""
    return [{"year": year, **stories.funnel(year)._asdict()}]


def suggestion_counts(year: int) -> list[dict[str, Any]]:
    """How many suggestions a year had by category, township and channel: never a text or a name."""
    found = suggestions.counts(year)
    rows = [("category", name, n) for name, n in found.categories]
    rows += [("township", name, n) for name, n in found.townships if name]
    rows += [("channel", label(channel).word, n) for channel, n in found.channels.items()]
    return [{"by": by, "name": name, "count": n} for by, name, n in rows]


def supervision_counts(day: date, year: int) -> list[dict[str, Any]]:
    """What supervision of a year's projects came to, as one row."""
    found = overview.counts(day, year)
    return [
        {
            "year": year,
            "inspections_planned": found.planned,
            "inspections_held": found.held,
            "notes": found.notes,
            "issued": found.issued,
            "answered": found.answered,
            "closed": found.closed,
            "overdue": found.overdue,
        }
    ]


def citizens(lines: Sequence[TrackedProject]) -> list[dict[str, Any]]:
    """What citizens said of each project, all weeks together; projects that nobody rated with zeros."""
    found = citizen_ratings.of([line.tracking.id for line in lines])
    none = citizen_ratings.Counts()
    return [
        {
            "id": line.project.id,
            "name": line.project.name,
            "satisfied": (said := found.get(line.tracking.id, none)).satisfied,
            "basically": said.basically,
            "dissatisfied": said.dissatisfied,
            "total": said.total,
        }
        for line in lines
    ]


def deputies(body: Body, year: int, *, page: Callable[[str], str]) -> list[dict[str, Any]]:
    """The deputies who have a page, with what the place has chosen to show there; ``page`` makes its address."""
    chosen, figures = public_pages.public_fields(body), duties.figures(year)

    def row(deputy: Any) -> dict[str, Any]:
        own = figures.get(deputy.id) or duties.Figures()
        told: dict[str, Any] = {
            **{key: getattr(deputy, key) for key in ("post", "constituency", "gender", "ethnicity", "born")},
            "rates": [
                {"name": name, "part": s.part, "whole": s.whole, "percent": plain(s.percent)}
                for name, s in own.rates(body.kind).named(body.kind)
                if s.percent is not None
            ],
            "suggestions": own.suggestions,
            "inspections": own.inspections,
            "entries": [{"name": label(kind).word, "count": n} for kind, n in own.entries.items() if n],
        }
        return {
            "name": deputy.name,
            "delegation": deputy.delegation.name,
            "page": page(deputy.page_key),
            "year": year,
            **{key: plain(value) if key in chosen else None for key, value in told.items()},
        }

    return [row(deputy) for deputy in public_pages.published()]
