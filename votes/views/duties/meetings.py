"""Meetings of the standing and special committees, and who came: entered one by one, or by Excel."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.duties import MarksForm, MeetingForm, meeting_choices, year_filter
from votes.forms.imports import ApplyForm, UploadForm
from votes.models import DutyMeeting
from votes.rules.duties.duties import Attended, DutyMeetingKind, fingerprint, meeting_word
from votes.rules.permissions import Permission as P, may
from votes.services.duties import attendance_sheets, meetings as duty_meetings
from votes.views.duties.duties import body_in_view, bp
from votes.web.access import allow
from votes.web.filters import Filter
from votes.web.identity import me
from votes.web.imports import ImportPages
from votes.web.pages import XLSX, done, download, form_page
from votes.web.tables import Column, Listing, Table, add_export

MEETINGS = Table(
    "duty_meetings",
    title=lambda chosen: f"{body_in_view().place}{chosen['year']}年会议出席情况",
    empty="这里登记常委会、专门委员会等会议的出席和发言情况。先登记会议，再逐人勾选或上传 Excel。",
    unfit="没有符合条件的会议。请放宽条件再找。",
    page="duties.meetings",
    export="duties.export_meetings",
    search=duty_meetings.SEARCH,
    filters=[
        year_filter(coming=True),
        Filter("kind", "类别", lambda _: meeting_choices(body_in_view().kind), "全部", read=DutyMeetingKind),
    ],
    columns=[
        Column("日期", lambda row: row.meeting.held_on, "day", 16),
        Column("类别", lambda row: meeting_word(row.meeting.kind, body_in_view().kind), width=16),
        Column("会议名称", lambda row: row.meeting.title, width=44),
        Column("应到", lambda row: row.attended.called, "count", 8),
        Column("出席", lambda row: row.attended.present, "count", 8),
        Column("请假", lambda row: row.attended.leave, "count", 8),
        Column("缺席", lambda row: row.attended.absent, "count", 8),
        Column("发言", lambda row: row.attended.spoke, "count", 8),
        Column("出席率", lambda row: row.attended.share.percent, "percent", 10),
        Column("办理", cell="acts", shown=lambda: may(me(), P.DUTY_MANAGE)),
    ],
)


def _list() -> Listing:
    return MEETINGS.read(lambda chosen: duty_meetings.of_year(chosen["year"], chosen["kind"]))


@bp.get("/meetings")
@allow(P.DUTY_READ)
def meetings() -> ResponseReturnValue:
    return render_template("duties/duties/meetings.html", listing=_list(), body=body_in_view())


add_export(bp, "/meetings/export.xlsx", P.DUTY_READ, _list, "export_meetings")


@bp.route("/meetings/new", methods=["GET", "POST"])
@allow(P.DUTY_MANAGE)
def new_meeting() -> ResponseReturnValue:
    form = MeetingForm(body_in_view().kind, today=today())
    if form.accepts(lambda: duty_meetings.save(None, **form.values, by=me(), now=now())):
        return done("会议已登记，请登记出席情况", "duties.marks", meeting_id=form.outcome.id)
    return render_template("duties/duties/meeting.html", form=form, meeting=None), form.status


@bp.route("/meetings/<int:meeting_id>/edit", methods=["GET", "POST"])
@allow(P.DUTY_MANAGE, meeting=duty_meetings.get)
def edit_meeting(meeting: DutyMeeting) -> ResponseReturnValue:
    form = MeetingForm(body_in_view().kind, meeting)
    if form.accepts(lambda: duty_meetings.save(meeting, **form.values, by=me(), now=now())):
        return done("会议已保存", "duties.meetings", year=meeting.held_on.year)
    return render_template("duties/duties/meeting.html", form=form, meeting=meeting), form.status


@bp.post("/meetings/<int:meeting_id>/remove")
@allow(P.DUTY_MANAGE, meeting=duty_meetings.get)
def remove_meeting(meeting: DutyMeeting) -> ResponseReturnValue:
    duty_meetings.remove(meeting, by=me(), now=now())
    return done(f"已删除：{meeting.title}", "duties.meetings", year=meeting.held_on.year)


@bp.route("/meetings/<int:meeting_id>", methods=["GET", "POST"])
@allow(P.DUTY_MANAGE, meeting=duty_meetings.get)
def marks(meeting: DutyMeeting) -> ResponseReturnValue:
    noted = duty_meetings.marks_of(meeting)
    form = MarksForm(duty_meetings.seats(noted), noted or duty_meetings.proposed(meeting), fingerprint(noted))
    if form.accepts(lambda: duty_meetings.mark(meeting, form.marks, by=me(), now=now(), seen=form.seen.data)):
        return _marked(form.outcome, meeting)
    shown = {"meeting": meeting, "noted": bool(noted), "body": body_in_view()}
    return form_page("duties/duties/marks.html", form, **shown)


def _marked(sums: Attended, meeting: DutyMeeting) -> ResponseReturnValue:
    words = f"应到 {sums.called} 人，出席 {sums.present} 人，请假 {sums.leave} 人，发言 {sums.spoke} 人"
    return done(f"出席情况已保存：{words}", "duties.meetings", year=meeting.held_on.year)


@bp.get("/meetings/<int:meeting_id>/sheet.xlsx")
@allow(P.DUTY_MANAGE, meeting=duty_meetings.get)
def sheet(meeting: DutyMeeting) -> ResponseReturnValue:
    return download(attendance_sheets.template(meeting), f"{meeting.title}出席情况.xlsx", XLSX)


ATTENDANCE_IMPORT = ImportPages(
    sheet=attendance_sheets.SHEET,
    upload="duties.upload",
    preview="duties.upload",
    applied="duties.marks",
    upload_template="duties/duties/upload.html",
    preview_template="duties/duties/upload_preview.html",
    key_columns=(
        Column("代表证号", lambda row: row["values"]["number"]),
        Column("姓名", lambda row: row["values"]["name"]),
    ),
    columns=(
        Column("出席情况", lambda row: row["values"]["state"]),
        Column("发言", lambda row: row["values"]["spoke"]),
    ),
)


@bp.route("/meetings/<int:meeting_id>/import", methods=["GET", "POST"])
@allow(P.DUTY_MANAGE, meeting=duty_meetings.get)
def upload(meeting: DutyMeeting) -> ResponseReturnValue:
    """Show the upload form; with a ``draft_id``, the preview of what was uploaded."""
    draft_id = request.args.get("draft_id", type=int)
    if draft_id is None:
        form = UploadForm(attendance_sheets.SHEET, meeting_id=meeting.id)
        return ATTENDANCE_IMPORT.choose(form, meeting=meeting)
    draft = attendance_sheets.get_draft(meeting, draft_id) or abort(404)
    return ATTENDANCE_IMPORT.check(draft, ApplyForm(), meeting=meeting)
