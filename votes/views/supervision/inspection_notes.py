"""代表监督记录 in the office: read, settled in words, published. `rectifications` routes them to units."""

from datetime import date

from flask import render_template
from flask.typing import ResponseReturnValue

from votes.clock import local, now
from votes.forms.supervision.inspections import PublishForm, SettleForm
from votes.models import InspectionNote
from votes.rules.permissions import Permission as P
from votes.services.delivery import trackings
from votes.services.supervision import inspection_notes
from votes.views.supervision.overview import part
from votes.web import filters
from votes.web.access import allow
from votes.web.identity import me
from votes.web.pages import done, form_page
from votes.web.tables import Column, Listing, Table, add_export

bp = part("inspection_notes", __name__)
bp.app_template_global("note_state")(inspection_notes.state_of)
bp.app_template_global("note_state_word")(inspection_notes.STATES.__getitem__)


def _day(row: InspectionNote) -> date:
    return local(row.written_at).date()


def _state_word(row: InspectionNote) -> str:
    return inspection_notes.STATES[inspection_notes.state_of(row)]


def _outcome(row: InspectionNote) -> str:
    """Return what came of a note: the number of its 督办件, or what was done."""
    return row.rectification.mark if row.rectification else row.settled


NOTES = Table(
    "inspection_notes",
    title="{year}年代表监督记录",
    caption="代表监督记录",
    empty="还没有监督记录。有账号的代表登录后，从“监督”填写所见情况；先为代表开通账号。",
    unfit="没有符合条件的记录，请放宽筛选条件。",
    page="inspection_notes.index",
    export="inspection_notes.export",
    search=inspection_notes.SEARCH,
    paged=True,
    spoken=True,
    filters=[
        filters.year(trackings.years),
        filters.Filter("state", "处理", list(inspection_notes.STATES.items()), "全部"),
        filters.Filter("published", "公开", [("yes", "已公开"), ("no", "未公开")], "全部"),
        filters.words("项目、内容、地点"),
        filters.order(inspection_notes.SEARCH),
    ],
    columns=[
        Column("时间", _day, "day", 16, "time", title="日期", css="text-nowrap"),
        Column("项目", lambda row: row.tracking.name, width=30, cell="project", css="name"),
        Column("代表", lambda row: row.deputy.name, width=10, page=False),
        Column("地点", lambda row: row.place, width=20, page=False),
        Column("所见情况", lambda row: row.text, width=60, cell="text"),
        Column("发现问题", lambda row: "是" if row.finding else "否", width=10, page=False),
        Column("处理", _state_word, width=12, cell="fate", css="text-nowrap"),
        Column("处理情况或文号", _outcome, width=30, page=False),
        Column("照片（张）", lambda row: len(row.photos), "count", 8, page=False),
        Column(
            "公开", lambda row: "是" if row.published else "否", width=8, cell="published", css="text-nowrap"
        ),
    ],
)


def _list() -> Listing:
    return NOTES.read(inspection_notes.search)


@bp.get("/notes/")
@allow(P.INSPECTION_READ)
def index() -> ResponseReturnValue:
    return render_template("supervision/inspection_notes/index.html", listing=_list())


add_export(bp, "/notes.xlsx", P.INSPECTION_READ, _list)


@bp.get("/notes/<int:note_id>")
@allow(P.INSPECTION_READ, note=inspection_notes.get)
def show(note: InspectionNote) -> ResponseReturnValue:
    return _note_page(note, SettleForm(settled=note.settled))


def _note_page(note: InspectionNote, form: SettleForm) -> ResponseReturnValue:
    return form_page(
        "supervision/inspection_notes/show.html",
        form,
        note=note,
        shown=PublishForm(formdata=None, published=note.published, with_photos=note.photos_published),
    )


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
    if form.accepts(lambda: inspection_notes.settle(note, form.settled.data, by=me(), now=now())):
        return done("处理情况已登记", "inspection_notes.index", year=note.tracking.project.year)
    return _note_page(note, form)
