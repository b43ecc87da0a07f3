"""The audit log: read, narrowed, taken along."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from votes.clock import local
from votes.exports.formats import table, xlsx
from votes.forms.audit import AuditFilters
from votes.rules.permissions import Permission as P
from votes.services import audit
from votes.services.people import bodies
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.pages import XLSX, download, page_number
from votes.web.words import audit_words as words

bp = Pages("audit", __name__, Layout.OFFICE, url_prefix="/office/audit")

#: the newest so many lines go into one file
CAP = 5000
COLUMNS = (
    ("时间", 20),
    ("操作人", 14),
    ("角色", 14),
    ("事项", 18),
    ("对象", 26),
    ("变更前后", 60),
    ("结果", 9),
    ("说明", 40),
    ("来源地址", 16),
)


def _filters() -> AuditFilters:
    return AuditFilters(bodies.all_bodies() if me().body_id is None else [])


def _query(filters: AuditFilters) -> audit.Query:
    return audit.search(body_id=me().body_id or filters.body_id.data, **filters.values)


@bp.get("/")
@menu_item(Group.SYSTEM, 30, "操作日志")
@allow(P.AUDIT_READ)
def index() -> ResponseReturnValue:
    filters = _filters()
    entries, total = audit.page(_query(filters), page_number())
    return render_template(
        "audit/index.html",
        filters=filters,
        entries=entries,
        total=total,
        page=page_number(),
        words=words,
        cap=CAP,
        with_body=me().body_id is None,
    )


def _rows() -> list[tuple[str, ...]]:
    entries, _ = audit.page(_query(_filters()), 1, CAP)
    return [
        (
            f"{local(entry.at):%Y-%m-%d %H:%M:%S}",
            entry.who,
            words.role_words(entry.role),
            words.action_word(entry.action),
            entry.about or "",
            words.changes_text(entry),
            "已办理" if entry.outcome == "done" else "被拒绝",
            entry.message or "",
            entry.address or "",
        )
        for entry in entries
    ]


@bp.get("/export.xlsx")
@allow(P.AUDIT_READ)
def export() -> Response:
    data = xlsx.write("操作日志", [xlsx.Column(*column) for column in COLUMNS], _rows())
    return download(data, "操作日志.xlsx", XLSX)


@bp.get("/export.csv")
@allow(P.AUDIT_READ)
def export_csv() -> Response:
    data = table.csv_bytes([name for name, _ in COLUMNS], _rows())
    return download(data, "操作日志.csv", "text/csv; charset=utf-8")
