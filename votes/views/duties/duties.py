"""代表履职 in the office: everybody's year in figures, one deputy's record, meetings, what deputies have entered, papers,
and the public pages.
"""

from collections.abc import Sequence
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.duties import deputy_cards
from votes.exports.formats import bundle, xlsx
from votes.forms.base import ActionForm
from votes.forms.duties import (
    DutyFilters,
    EntryForm,
    FieldsForm,
    MarksForm,
    MeetingFilters,
    MeetingForm,
    PageForm,
    RefuseForm,
    YearFilters,
)
from votes.forms.imports import ApplyForm, UploadForm
from votes.models import Body, Deputy, DutyEntry, DutyMeeting
from votes.rules.duties.duties import KIND_WORDS, RATE_WORDS, Attended, fingerprint, how_counted, meeting_word
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P
from votes.services.duties import (
    attendance_sheets,
    entries as duty_entries,
    figures,
    meetings as duty_meetings,
    public_pages,
    records,
)
from votes.services.people import delegations, roster
from votes.web import download_parts
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.imports import ImportPages
from votes.web.menu import here, organ
from votes.web.pages import DOCX, PDF, XLSX, done, download, page_number, public_url
from votes.web.tables import Column
from votes.web.transaction import reading, release_lock

bp = Pages("duties", __name__, Layout.OFFICE, audit="duties", url_prefix="/office/duties")
bp.app_template_global("meeting_word")(meeting_word)
bp.app_template_global("how_counted")(how_counted)
SIZE = 50


def _body() -> Body:
    return here() or abort(404)


def _filters() -> DutyFilters:
    return DutyFilters(figures.years(today()), today(), delegations.all_delegations(), _body().kind)


# --- everybody -------------------------------------------------------------------------------------------


@bp.get("/")
@menu_item(Group.PEOPLE, 20, "代表履职")
@allow(P.DUTY_READ)
def index() -> ResponseReturnValue:
    body, filters = _body(), _filters()
    everybody = figures.everybody(filters.chosen, kind=body.kind)
    lines = figures.narrow(everybody, **filters.values)
    first = (page_number() - 1) * SIZE
    return render_template(
        "duties/duties/index.html",
        filters=filters,
        year=filters.chosen,
        whole=everybody,
        rates=figures.rates(everybody).named(body.kind),
        words=RATE_WORDS[body.kind],
        kind=body.kind,
        lines=lines[first : first + SIZE],
        total=len(lines),
        page=page_number(),
        waiting=duty_entries.count_waiting(),
    )


@bp.get("/export.xlsx")
@allow(P.DUTY_READ)
def export() -> ResponseReturnValue:
    body, filters = _body(), _filters()
    lines = figures.narrow(figures.everybody(filters.chosen, kind=body.kind), **filters.values)
    title = f"{body.place}{filters.chosen}年{organ(body).member}履职情况"
    return download(
        xlsx.write(title, _columns(body), [_row(line, body) for line in lines]), f"{title}.xlsx", XLSX
    )


def _columns(body: Body) -> list[xlsx.SheetColumn]:
    words = organ(body)
    columns = [
        xlsx.SheetColumn(words.number, 10),
        xlsx.SheetColumn("姓名", 14),
        xlsx.SheetColumn(words.group, 20),
    ]
    for word in RATE_WORDS[body.kind].values():
        columns += [xlsx.SheetColumn(word, 12, "percent"), xlsx.SheetColumn(f"{word}（次数）", 12)]
    columns += [xlsx.SheetColumn("参加票决和测评", 12), xlsx.SheetColumn("收集建议", 9, "int")]
    columns += [xlsx.SheetColumn("参加视察", 9, "int"), xlsx.SheetColumn("监督记录", 9, "int")]
    return columns + [xlsx.SheetColumn(word, 9, "int") for word in KIND_WORDS.values()]


def _row(line: figures.Line, body: Body) -> list[Any]:
    found = line.figures
    row: list[Any] = [line.deputy.number, line.deputy.name, line.deputy.delegation.name]
    for _, share in line.rates.named(body.kind):
        row += [share.percent, f"{share.part}/{share.whole}" if share.whole else ""]
    votes = found.votes + found.ratings
    row += [f"{votes.part}/{votes.whole}" if votes.whole else ""]
    row += [found.suggestions, found.inspections, found.notes]
    return row + [found.count(kind) for kind in KIND_WORDS]


# --- one deputy ------------------------------------------------------------------------------------------


def _year() -> int:
    return YearFilters(figures.years(today()), today()).chosen


@bp.get("/<int:deputy_id>")
@allow(P.DUTY_READ, deputy=roster.get)
def show(deputy: Deputy) -> ResponseReturnValue:
    body = _body()
    years = figures.years(today())
    year = YearFilters(years, today()).chosen
    return render_template(
        "duties/duties/show.html",
        deputy=deputy,
        years=years,
        year=year,
        record=records.record(deputy, year, kind=body.kind),
        entries=duty_entries.entries_of(deputy.id, year),
        headings=records.HEADINGS,
        body=body,
    )


@bp.get("/<int:deputy_id>/record.<any(pdf, docx):kind>")
@allow(P.DUTY_READ, deputy=roster.get)
def paper(deputy: Deputy, kind: str) -> ResponseReturnValue:
    ((name, draw),) = records.draw([deputy], _year(), _body(), kind, today=today())
    return download(draw(), name, PDF if kind == "pdf" else DOCX)


# --- all papers of a year ----------------------------------------------------------------------------------


@bp.get("/papers")
@allow(P.DUTY_READ)
def papers() -> ResponseReturnValue:
    years = figures.years(today())
    year = YearFilters(years, today()).chosen
    batches = records.batches(year, kind=_body().kind)
    return render_template(
        "duties/duties/papers.html", years=years, year=year, batches=batches, form=ActionForm()
    )


@bp.post("/papers")
@reading  # makes files, changes no row: the write lock is not taken
@allow(P.DUTY_READ)
def make_papers() -> ResponseReturnValue:
    """Everybody's papers as one zip: with a script portion by portion (`part`, then `job`), without one delegation by
    delegation (`only`).
    """
    download_parts.sweep()
    body = _body()
    year = _year()
    batches, job, key = (
        records.batches(year, kind=body.kind),
        request.form.get("job", ""),
        request.form.get("part", ""),
    )
    owner, title = f"duties{body.id}-{year}", f"{body.place}{year}年{organ(body).member}履职档案"
    if key:
        batch = next((each for each in batches if each.key == key), None)
        if batch is None:
            raise RuleBroken("没有这一部分，名册可能刚有变动。请刷新页面后重新下载。", status=404)
        for name, draw in _drawing(batch.deputies, year, body):
            download_parts.put(owner, job, name, draw())
        return "", 204
    only = request.form.get("only", "")
    wanted = [d for b in batches if not only or only == str(b.delegation_id) for d in b.deputies]
    if only or "whole" in request.form:
        if not wanted:
            raise RuleBroken(organ().speak("这个代表团没有履职档案可以下载。"), status=404)
        drawn = list(_drawing(wanted, year, body))
        files = {name: draw() for name, draw in drawn}
        title += f"（{wanted[0].delegation.name}）" if only else ""
    else:
        files = download_parts.take(owner, job, [records.paper_name(d, year, "pdf") for d in wanted])
    return download(bundle.zipped(files), f"{title}.zip", "application/zip")


def _drawing(deputies: Sequence[Deputy], year: int, body: Body) -> list[tuple[str, Any]]:
    """All is read before the first is drawn: drawing takes seconds."""
    drawn = records.draw(deputies, year, body, "pdf", today=today())
    release_lock()
    return drawn


# --- entries -----------------------------------------------------------------------------------------------


@bp.route("/entries/new", methods=["GET", "POST"])
@allow(P.DUTY_MANAGE)
def enter() -> ResponseReturnValue:
    chosen = request.args.get("deputy", type=int)
    seats = duty_meetings.seats([chosen] if chosen else [])
    form = EntryForm(seats, today(), chosen)
    if form.accepts(lambda: duty_entries.enter(form.deputies.data or [], **form.values, by=me(), now=now())):
        return done(f"已登记，{form.outcome} 位{organ().member}的履职档案增加一条", "duties.index")
    return render_template("duties/duties/enter.html", form=form, seats=seats), form.status


@bp.route("/inbox", methods=["GET", "POST"])
@allow(P.DUTY_MANAGE)
def inbox() -> ResponseReturnValue:
    form = ActionForm()
    chosen = request.form.getlist("entry", type=int)
    if form.accepts(lambda: duty_entries.confirm_all(chosen, by=me(), now=now())):
        return done(f"已确认 {form.outcome} 条", "duties.inbox")
    entries, total = duty_entries.page(duty_entries.waiting(), page_number())
    return (
        render_template(
            "duties/duties/inbox.html",
            form=form,
            entries=entries,
            total=total,
            page=page_number(),
            chosen=chosen,
        ),
        form.status,
    )


@bp.post("/entries/<int:entry_id>/confirm")
@allow(P.DUTY_MANAGE, entry=duty_entries.get)
def confirm(entry: DutyEntry) -> ResponseReturnValue:
    duty_entries.settle(entry, "confirm", by=me(), now=now())
    return _settled(entry, "已确认")


@bp.post("/entries/<int:entry_id>/refuse")
@allow(P.DUTY_MANAGE, entry=duty_entries.get)
def refuse(entry: DutyEntry) -> ResponseReturnValue:
    form = RefuseForm()
    duty_entries.settle(entry, "refuse", reason=form.reason.data or "", by=me(), now=now())
    return _settled(entry, organ().speak("未予确认，代表可以看到原因"))


def _settled(entry: DutyEntry, words: str) -> ResponseReturnValue:
    """Back to where the button was: the inbox, or the deputy's record."""
    if request.form.get("from") == "record":
        return done(words, "duties.show", deputy_id=entry.deputy_id, year=entry.held_on.year)
    return done(words, "duties.inbox")


# --- meetings ----------------------------------------------------------------------------------------------


@bp.get("/meetings")
@allow(P.DUTY_READ)
def meetings() -> ResponseReturnValue:
    body = _body()
    filters = MeetingFilters(figures.years(today(), coming=True), today(), body.kind)
    return render_template(
        "duties/duties/meetings.html",
        filters=filters,
        year=filters.chosen,
        held=duty_meetings.of_year(filters.chosen, filters.wanted),
        body=body,
    )


@bp.get("/meetings/export.xlsx")
@allow(P.DUTY_READ)
def export_meetings() -> ResponseReturnValue:
    body = _body()
    filters = MeetingFilters(figures.years(today(), coming=True), today(), body.kind)
    title = f"{body.place}{filters.chosen}年会议出席情况"
    rows = [
        [
            each.meeting.held_on,
            meeting_word(each.meeting.kind, body.kind),
            each.meeting.title,
            each.attended.called,
            each.attended.present,
            each.attended.leave,
            each.attended.absent,
            each.attended.spoke,
            each.attended.share.percent,
        ]
        for each in duty_meetings.of_year(filters.chosen, filters.wanted)
    ]
    return download(xlsx.write(title, _OF_MEETINGS, rows), f"{title}.xlsx", XLSX)


_OF_MEETINGS = [
    xlsx.SheetColumn("日期", 16, "date"),
    xlsx.SheetColumn("类别", 16),
    xlsx.SheetColumn("会议名称", 44),
    xlsx.SheetColumn("应到", 8, "int"),
    xlsx.SheetColumn("出席", 8, "int"),
    xlsx.SheetColumn("请假", 8, "int"),
    xlsx.SheetColumn("缺席", 8, "int"),
    xlsx.SheetColumn("发言", 8, "int"),
    xlsx.SheetColumn("出席率", 10, "percent"),
]


@bp.route("/meetings/new", methods=["GET", "POST"])
@allow(P.DUTY_MANAGE)
def new_meeting() -> ResponseReturnValue:
    form = MeetingForm(_body().kind, today=today())
    if form.accepts(lambda: duty_meetings.save(None, **form.values, by=me(), now=now())):
        return done("会议已登记，请登记出席情况", "duties.marks", meeting_id=form.outcome.id)
    return render_template("duties/duties/meeting.html", form=form, meeting=None), form.status


@bp.route("/meetings/<int:meeting_id>/edit", methods=["GET", "POST"])
@allow(P.DUTY_MANAGE, meeting=duty_meetings.get)
def edit_meeting(meeting: DutyMeeting) -> ResponseReturnValue:
    form = MeetingForm(_body().kind, meeting)
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
    return (
        render_template(
            "duties/duties/marks.html", form=form, meeting=meeting, noted=bool(noted), body=_body()
        ),
        form.status,
    )  # fmt: skip


def _marked(sums: Attended, meeting: DutyMeeting) -> ResponseReturnValue:
    said = f"出席情况已保存：应到 {sums.called} 人，出席 {sums.present} 人，请假 {sums.leave} 人，发言 {sums.spoke} 人"
    return done(said, "duties.meetings", year=meeting.held_on.year)


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
    """The upload form; with a ``draft_id``, the preview of what was uploaded."""
    draft_id = request.args.get("draft_id", type=int)
    if draft_id is None:
        form = UploadForm(attendance_sheets.SHEET, meeting_id=meeting.id)
        return ATTENDANCE_IMPORT.choose(form, meeting=meeting)
    draft = attendance_sheets.get_draft(meeting, draft_id) or abort(404)
    return ATTENDANCE_IMPORT.check(draft, ApplyForm(), meeting=meeting)


# --- public pages ------------------------------------------------------------------------------------------


@bp.route("/pages", methods=["GET", "POST"])
@allow(P.DUTY_MANAGE)
def pages() -> ResponseReturnValue:
    body = _body()
    form = FieldsForm(data={"fields": public_pages.public_fields(body)})
    if form.accepts(lambda: public_pages.choose_fields(body, form.fields.data or [], by=me(), now=now())):
        return done("公开内容已保存", "duties.pages")
    return render_template(
        "duties/duties/pages.html", form=form, deputies=public_pages.paged(), body=body
    ), form.status


@bp.post("/pages/open")
@allow(P.DUTY_MANAGE)
def open_pages() -> ResponseReturnValue:
    new = public_pages.open_for(request.form.getlist("deputy", type=int), by=me(), now=now())
    return done(f"已开通 {new} 位{organ().member}的公开页", "duties.pages")


@bp.post("/<int:deputy_id>/page")
@allow(P.DUTY_MANAGE, deputy=roster.get)
def page(deputy: Deputy) -> ResponseReturnValue:
    form = PageForm()
    if not form.validate():
        raise RuleBroken("没有这种办理，没有改动。请从页面上的按钮办理。", status=422)
    match form.act.data:
        case "open":
            public_pages.open_for([deputy.id], by=me(), now=now())
        case "renew":
            public_pages.renew(deputy, by=me(), now=now())
        case _:
            public_pages.close(deputy, by=me(), now=now())
    words = {"open": "公开页已开通", "renew": "公开页地址已更换，原二维码不再有效", "close": "公开页已关闭"}
    return done(f"{deputy.name}：{words[form.act.data]}", "duties.pages")


def _card(deputy: Deputy, body: Body) -> deputy_cards.DeputyCard:
    url = public_url("deputies.show", body=body.code, page_key=deputy.page_key)
    return public_pages.card(deputy, body, url)


@bp.get("/<int:deputy_id>/card.pdf")
@allow(P.DUTY_READ, deputy=roster.get)
def card(deputy: Deputy) -> ResponseReturnValue:
    """One card on A6."""
    if not public_pages.is_open(deputy):
        raise RuleBroken(organ().speak("这位代表没有公开页。请先开通，再打印二维码。"))
    data = deputy_cards.sheets([_card(deputy, _body())], "a6")
    return download(data, f"{deputy.name}{organ().member}二维码.pdf", PDF)


@bp.get("/cards.pdf")
@allow(P.DUTY_READ)
def cards() -> ResponseReturnValue:
    """All cards, four to a sheet of A4."""
    body, shown = _body(), public_pages.published()
    if not shown:
        raise RuleBroken(organ().speak("还没有代表开通公开页。请先开通，再打印二维码。"))
    data = deputy_cards.sheets([_card(deputy, body) for deputy in shown])
    return download(data, f"{body.place}{organ(body).member}二维码.pdf", PDF)
