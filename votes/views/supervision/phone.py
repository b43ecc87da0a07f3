"""监督 on a deputy's phone: the deputy's projects, inspections and notes."""

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.supervision.inspections import NoteForm
from votes.models import InspectionNote
from votes.rules.permissions import Permission as P
from votes.services.supervision import groups, inspection_notes, inspections
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.pages import done, form_page, page_number
from votes.web.uploads import drawn, send

bp = Pages(
    "inspections",
    __name__,
    Layout.PHONE,
    errors=Layout.OFFICE,
    audit="supervision",
    url_prefix="/inspections",
)


def _deputy_id() -> int:
    deputy_id = me().deputy_id
    assert deputy_id is not None
    return deputy_id


@bp.get("/")
@allow(P.INSPECTION_NOTE)
def index() -> ResponseReturnValue:
    ahead, past = inspections.mine(_deputy_id(), today())
    return render_template(
        "supervision/phone/index.html",
        ahead=ahead,
        past=past,
        keys={each.key for each in inspection_notes.to_note(_deputy_id(), today())},
        projects=groups.my_projects(_deputy_id()),
        **_notes(1, 3),
    )


def _notes(number: int, size: int) -> dict[str, Any]:
    """Return one page of the deputy's notes, and the count of all."""
    rows, total = inspection_notes.mine(_deputy_id(), number, size)
    return {"notes": rows, "total": total}


@bp.route("/notes/new", methods=["GET", "POST"])
@allow(P.INSPECTION_NOTE, "note.create")
def new() -> ResponseReturnValue:
    abouts = inspection_notes.to_note(_deputy_id(), today())
    form = NoteForm(abouts, request.args.get("about", "")[:20])
    if form.accepts(
        lambda: inspection_notes.write(**form.entry(), photos=drawn(form.photos), by=me(), now=now())
    ):
        return done("已保存，谢谢您。人大办会及时阅处", "inspections.show", note_id=form.outcome.id, saved=1)
    return form_page("supervision/phone/new.html", form, abouts=abouts, deputy_id=_deputy_id())


@bp.get("/notes/")
@allow(P.INSPECTION_NOTE)
def notes() -> ResponseReturnValue:
    number = page_number()
    return render_template("supervision/phone/notes.html", page=number, **_notes(number, 20))


@bp.get("/notes/<int:note_id>")
@allow(P.INSPECTION_NOTE, note=inspection_notes.get)
def show(note: InspectionNote) -> ResponseReturnValue:
    return render_template(
        "supervision/phone/show.html",
        note=note,
        answers=list(note.rectification.answers) if note.rectification else [],
        saved="saved" in request.args,
    )


@bp.get("/notes/<int:note_id>/photos/<int:attachment_id>")
@allow(P.INSPECTION_NOTE, note=inspection_notes.get)
def photo(note: InspectionNote, attachment_id: int) -> ResponseReturnValue:
    picture = next((each for each in note.photos if each.id == attachment_id), None) or abort(404)
    return send(picture, thumbnail=request.args.get("size") == "small")
