"""监督 on a deputy's phone: my projects and inspections, a note written on the spot, what became of my notes."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.supervision import NoteForm
from votes.rules.permissions import Permission as P
from votes.services import supervision
from votes.services.supervision import InspectionNote
from votes.web.access import allow
from votes.web.identity import me
from votes.web.pages import done, page_number
from votes.web.uploads import before_the_lock, send

bp = Blueprint("inspections", __name__, url_prefix="/inspections")


def _mine() -> int:
    deputy_id = me().deputy_id
    assert deputy_id is not None
    return deputy_id


@bp.get("/")
@allow(P.INSPECTION_NOTE)
def index() -> ResponseReturnValue:
    ahead, past = supervision.my_inspections(_mine(), today())
    recent, total = supervision.page(supervision.my_notes(_mine()), 1, 3)
    return render_template(
        "inspections/index.html",
        ahead=ahead,
        past=past,
        keys={each.key for each in supervision.to_note(_mine(), today())},
        projects=supervision.my_projects(_mine()),
        notes=recent,
        total=total,
        day_of=supervision.day_of,
        state_of=supervision.note_state,
        states=supervision.NOTE_STATES,
    )


@bp.route("/notes/new", methods=["GET", "POST"])
@allow(P.INSPECTION_NOTE)
def new() -> ResponseReturnValue:
    abouts = supervision.to_note(_mine(), today())
    form = NoteForm(abouts, request.args.get("about", "")[:20])
    if form.accepts(
        lambda: supervision.write_note(
            form.about.data or "",
            **form.values(),
            photos=before_the_lock(supervision.prepare_photos, form.photos) if form.photos else [],
            by=me(),
            now=now(),
        )
    ):
        return done("已保存，谢谢您。人大办会及时阅处", "inspections.show", note_id=form.outcome.id, saved=1)
    return render_template("inspections/new.html", form=form, abouts=abouts, deputy_id=_mine()), form.status


@bp.get("/notes/")
@allow(P.INSPECTION_NOTE)
def notes() -> ResponseReturnValue:
    found, total = supervision.page(supervision.my_notes(_mine()), page_number(), 20)
    return render_template(
        "inspections/notes.html",
        notes=found,
        total=total,
        page=page_number(),
        state_of=supervision.note_state,
        states=supervision.NOTE_STATES,
    )


@bp.get("/notes/<int:note_id>")
@allow(P.INSPECTION_NOTE, note=supervision.get_note)
def show(note: InspectionNote) -> ResponseReturnValue:
    return render_template(
        "inspections/show.html",
        note=note,
        state=supervision.note_state(note),
        states=supervision.NOTE_STATES,
        answers=supervision.answers_to(note),
        saved="saved" in request.args,
    )


@bp.get("/notes/<int:note_id>/photos/<int:attachment_id>")
@allow(P.INSPECTION_NOTE, note=supervision.get_note)
def photo(note: InspectionNote, attachment_id: int) -> ResponseReturnValue:
    picture = supervision.photo_of(note, attachment_id) or abort(404)
    return send(picture, thumbnail=request.args.get("size") == "small")
