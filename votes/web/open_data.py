"""Open data: the published fields of a project, each with its name and meaning, as JSON and as rows of a table.

One list: what is handed out and what the page about it explains cannot differ.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from votes.services import publicity
from votes.services.progress import Line
from votes.web.labels import GRADES, label


class Field(NamedTuple):
    """``key`` in JSON, ``name`` at the head of the CSV column, what it means, and where it comes from."""

    key: str
    name: str
    meaning: str
    value: "Callable[[Published], Any]"
    table: bool = True  # nested values are in the JSON only


@dataclass(frozen=True)
class Published(Line):
    """A project as open data has it: where it stands, and how deputies rated it."""

    ratings: Sequence[publicity.Rating] = ()


def published(lines: Sequence[Line]) -> list[Published]:
    """The lines with the announced ratings (满意度测评) of their projects."""
    found = publicity.ratings([line.project.id for line in lines])
    return [Published(line.tracking, line.standing, found.get(line.project.id, ())) for line in lines]


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
    Field("state", "实施情况", "实施中、完成、基本完成、未完成", lambda x: label(x.tracking.state).word),
    Field("finished_on", "办结日期", "认定为完成、基本完成或未完成的日期", lambda x: x.tracking.finished_on),
    Field("light", "状态", "正常、滞后、严重滞后、已完成；规则见下", lambda x: label(x.light).word),
    Field("reason", "状态说明", "状态是怎样得出的", lambda x: x.standing.words),
    Field("as_of", "比较日期", "计划进度与实际进度在哪一天比较", lambda x: x.standing.as_of),
    Field("planned_percent", "计划进度", "比较日期应达到的百分比", lambda x: x.standing.planned),
    Field("actual_percent", "实际进度", "最近一次月报的形象进度，百分比", lambda x: x.standing.actual),
    Field("last_month", "最近月报", "最近一次月报的月份", lambda x: f"{x.last.month:%Y-%m}" if x.last else None),
    Field("money_planned", "年度计划投资", "最近一次月报所报，单位：万元", lambda x: x.money_planned),
    Field("money_in_place", "累计到位资金", "单位：万元", lambda x: x.money_in_place),
    Field("money_paid", "累计拨付资金", "单位：万元", lambda x: x.money_paid),
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
        "每期月报的月份 month、形象进度 percent、三项资金、进展情况 narrative、下一步安排 next_step",
        lambda x: [
            {
                "month": f"{r.month:%Y-%m}",
                "percent": r.percent,
                "money_planned": r.money_planned,
                "money_in_place": r.money_in_place,
                "money_paid": r.money_paid,
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


def projects(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """One object a project, with every field of `FIELDS`."""
    return [{field.key: plain(field.value(line)) for field in FIELDS} for line in published(lines)]


def project_rows(lines: Sequence[Line]) -> tuple[list[str], list[list[Any]]]:
    """Head and rows of the table: the fields that fit into a cell."""
    fields = [field for field in FIELDS if field.table]
    return [f.name for f in fields], [[f.value(line) for f in fields] for line in published(lines)]


def results(
    rounds: Sequence[publicity.Round], *, page: Callable[[str], str], record: Callable[[str], str]
) -> list[dict[str, Any]]:
    """One object an announced round; ``page`` and ``record`` make the addresses out of its public id."""
    return [
        {
            "session": round.session.title,
            "year": round.session.year,
            "title": round.title,
            "announcement": round.notice.number if round.notice else None,
            "announced_on": plain(round.notice.announced_on) if round.notice else None,
            "selected": publicity.selected(round),
            "round": round.ordinal,
            "ratings": [{**row, "grade": GRADES[row["grade"]].word} for row in publicity.graded(round)],
            "turnout": publicity.turnout(round),
            "page": page(round.public_id),
            "record": record(round.public_id),
        }
        for round in rounds
    ]
