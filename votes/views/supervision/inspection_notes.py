"""代表监督记录 in the office: read, settled in words, published. Routing one to a unit is in `rectifications`."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from votes.clock import local, now
from votes.exports.formats import xlsx
from votes.forms.supervision.inspections import NoteFilters, PublishForm, SettleForm
from votes.models import InspectionNote
from votes.rules.permissions import Permission as P
from votes.services.delivery import trackings
from votes.services.supervision import inspection_notes
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import XLSX, done, download, page_number

bp = Pages(
    "inspection_notes",
    __name__,
    Layout.OFFICE,
    within="supervision",
    audit="supervision",
    url_prefix="/office/supervision",
)


def _search() -> tuple[NoteFilters, Any]:
    filters = NoteFilters(trackings.years())
    shown = {"yes": True, "no": False}.get(filters.published.data or "")
    query = inspection_notes.search(
        filters.year.data,
        state=filters.state.data or "",
        published=shown,
        q=filters.q.data or "",
        sort=filters.sort.data or "open",
    )
    return filters, query


@bp.get("/notes/")
@allow(P.INSPECTION_READ)
def index() -> ResponseReturnValue:
    filters, query = _search()
    found, total = inspection_notes.page(query, page_number())
    return render_template(
        "supervision/inspection_notes/index.html",
        filters=filters,
        found=found,
        total=total,
        page=page_number(),
        state_of=inspection_notes.state_of,
        states=inspection_notes.STATES,
    )


@bp.get("/notes.xlsx")
@allow(P.INSPECTION_READ)
def export() -> ResponseReturnValue:
    filters, query = _search()
    title = f"{filters.year.data or ''}年{organ().member}监督记录"
    columns = [
        xlsx.SheetColumn("日期", 16, "date"),
        xlsx.SheetColumn("项目", 30),
        xlsx.SheetColumn(organ().member, 10),
        xlsx.SheetColumn("地点", 20),
        xlsx.SheetColumn("所见情况", 60),
        xlsx.SheetColumn("发现问题", 10),
        xlsx.SheetColumn("处理", 12),
        xlsx.SheetColumn("处理情况或文号", 30),
        xlsx.SheetColumn("照片（张）", 8, "int"),
        xlsx.SheetColumn("公开", 8),
    ]
    rows = [
        [
            local(each.written_at).date(),
            each.tracking.name,
            each.deputy.name,
            each.place,
            each.text,
            "是" if each.finding else "否",
            inspection_notes.STATES[inspection_notes.state_of(each)],
            each.rectification.mark if each.rectification else each.settled,
            len(each.photos),
            "是" if each.published else "否",
        ]
        for each in inspection_notes.everything(query)
    ]
    return download(xlsx.write(title, columns, rows), f"{title}.xlsx", XLSX)


@bp.get("/notes/<int:note_id>")
@allow(P.INSPECTION_READ, note=inspection_notes.get)
def show(note: InspectionNote) -> ResponseReturnValue:
    return _note_page(note, SettleForm(settled=note.settled))


def _note_page(note: InspectionNote, form: SettleForm) -> ResponseReturnValue:
    return render_template(
        "supervision/inspection_notes/show.html",
        note=note,
        form=form,
        shown=PublishForm(formdata=None, published=note.published, with_photos=note.photos_published),
        state=inspection_notes.state_of(note),
        states=inspection_notes.STATES,
    ), form.status


@bp.post("/notes/<int:note_id>/publish")
@allow(P.SUPERVISION_MANAGE, "note.publish", note=inspection_notes.get)
def publish(note: InspectionNote) -> ResponseReturnValue:
    form = PublishForm()
    inspection_notes.publish(
        note, published=form.published.data, photos=form.with_photos.data, by=me(), now=now()
    )
    word = "已公开" if note.published else "未公开"
    return done(f"这条监督记录{word}", "inspection_notes.show", note_id=note.id)


@bp.post("/notes/<int:note_id>/settle")
@allow(P.SUPERVISION_MANAGE, "note.settle", note=inspection_notes.get)
def settle(note: InspectionNote) -> ResponseReturnValue:
    form = SettleForm()
    if form.accepts(lambda: inspection_notes.settle(note, form.settled.data or "", by=me(), now=now())):
        return done("处理情况已登记", "inspection_notes.index", year=note.tracking.project.year)
    return _note_page(note, form)
