"""The audit log: read, filtered, exported."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from votes.clock import local, now
from votes.exports.formats import table
from votes.rules.permissions import Permission as P
from votes.services import audit
from votes.services.people import bodies, strangers
from votes.web import filters
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.filters import Filter
from votes.web.identity import me
from votes.web.pages import download
from votes.web.tables import Column, Listing, Table
from votes.web.words import audit_actions as actions, audit_words as words

bp = Pages("audit", __name__, Layout.OFFICE, url_prefix="/office/audit")

#: the most lines in one file; the newest are exported
CAP = 5000
OUTCOMES = {"done": "已办理", "refused": "被拒绝"}


def _bodies(chosen: Mapping[str, Any]) -> list[tuple[int, str]]:
    return [(body.id, body.name) for body in bodies.all_bodies()] if me().body_id is None else []


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y-%m-%d").date()


AUDIT = Table(
    "audit",
    title="操作日志",
    empty="没有符合条件的记录。",
    page="audit.index",
    export="audit.export",
    search=audit.SEARCH,
    paged=True,
    filters=[
        Filter(
            "body_id",
            "所属人大",
            _bodies,
            "系统（不属于任何一级人大）",
            filters.an_id,
            narrows=False,
            hidden=lambda choices: len(choices) == 1,
        ),
        filters.words("操作人、对象、说明", 18),
        Filter("group", "事项", [(key, word) for key, (word, _) in actions.GROUPS.items()], "全部事项"),
        Filter("outcome", "结果", OUTCOMES.items(), "全部"),
        Filter("since", "从", read=_day, kind="date"),
        Filter("until", "到", read=_day, kind="date"),
    ],
    columns=[
        Column(
            "时间", lambda row: f"{local(row.at):%Y-%m-%d %H:%M:%S}", width=20, cell="at", css="text-nowrap"
        ),
        Column("操作人", lambda row: row.who, width=14, cell="who", css="text-nowrap"),
        Column("角色", lambda row: words.role_words(row.role), width=14, page=False),
        Column("事项", lambda row: actions.action_word(row.action), width=18, css="text-nowrap"),
        Column("对象与变更", cell="about"),
        Column("对象", lambda row: row.about or "", width=26, page=False),
        Column("变更前后", lambda row: words.changes_text(row), width=60, page=False),
        Column("结果", lambda row: OUTCOMES[row.outcome], width=9, cell="outcome"),
        Column("说明", lambda row: row.message or "", width=40, page=False),
        Column("来源", lambda row: row.address or "", width=16, title="来源地址", css="text-nowrap"),
    ],
)


def _list(most: int | None = None) -> Listing:
    def find(chosen: Mapping[str, Any]) -> Any:
        nouns = actions.nouns(chosen["group"]) if chosen["group"] else None
        body_id = me().body_id or chosen["body_id"]
        return audit.search({**chosen, "body_id": body_id, "group": nouns}).limit(most)

    return AUDIT.read(find)


@bp.get("/")
@menu_item(Group.SYSTEM, 30, "操作日志")
@allow(P.AUDIT_READ)
def index() -> ResponseReturnValue:
    strange = sum(strangers.refusals_today(now()).values())
    return render_template("audit/index.html", listing=_list(), words=words, cap=CAP, strangers=strange)


@bp.get("/export.xlsx")
@allow(P.AUDIT_READ)
def export() -> Response:
    return _list(CAP).download()


@bp.get("/export.csv")
@allow(P.AUDIT_READ)
def export_csv() -> Response:
    heads, *rows = _list(CAP).cells()
    return download(table.csv_bytes(heads, rows), "操作日志.csv", "text/csv; charset=utf-8")
