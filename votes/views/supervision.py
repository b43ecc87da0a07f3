"""监督 in the office: groups, the plan of inspections, deputies' notes, 督办件 and the three lists (三张清单)."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import local, now, today
from votes.exports import papers, xlsx
from votes.forms.supervision import (
    AnswerForm,
    CancelForm,
    GroupForm,
    HoldForm,
    InspectionFilters,
    InspectionForm,
    NoteFilters,
    OrderForm,
    OverviewFilters,
    PublishForm,
    RecheckForm,
    RectificationFilters,
    ReopenForm,
    SettleForm,
    chosen_of,
    given_of,
)
from votes.rules.permissions import Permission as P
from votes.rules.permissions import may
from votes.rules.supervision import InspectionKind, InspectionState
from votes.services import bodies, progress, roster, supervision
from votes.services.supervision import Inspection, InspectionNote, Rectification, Tracking
from votes.web.access import allow
from votes.web.identity import me
from votes.web.labels import label
from votes.web.pages import DOCX, PDF, XLSX, done, download, page_number
from votes.web.uploads import before_the_lock, send

bp = Blueprint("supervision", __name__)
URL = "/office/supervision"


def _secret() -> bool:
    """Whether the reader may know of a 暗访 beforehand, and of notes as they were written."""
    return may(me(), P.INSPECTION_READ)


def _own() -> int | None:
    return progress.own_unit(me())


# --- groups ----------------------------------------------------------------------------------------------


def _overview() -> tuple[OverviewFilters, list[supervision.Watched]]:
    filters = OverviewFilters(progress.years())
    found = supervision.overview(
        filters.year.data,
        today(),
        own=_own(),
        q=filters.q.data or "",
        bare=filters.group.data == "bare",
        sort=filters.sort.data or "number",
        secret=_secret(),
    )
    return filters, found


@bp.get(f"{URL}/")
@allow(P.SUPERVISION_READ)
def index() -> ResponseReturnValue:
    filters, found = _overview()
    return render_template(
        "supervision/index.html",
        filters=filters,
        rows=found,
        lead_of=supervision.lead_of,
        members_of=supervision.members_of,
        secret=_secret(),
    )


@bp.get(f"{URL}/groups.xlsx")
@allow(P.SUPERVISION_READ)
def export() -> ResponseReturnValue:
    filters, found = _overview()
    title = f"{filters.year.data or ''}年民生实事项目监督小组"
    columns = [
        xlsx.Column("编号", 6, "int"),
        xlsx.Column("项目名称", 32),
        xlsx.Column("责任单位", 16),
        xlsx.Column("领衔", 22),
        xlsx.Column("对口工委", 16),
        xlsx.Column("代表", 40),
        xlsx.Column("已开展视察（次）", 10, "int"),
        xlsx.Column("未销号督办件（件）", 10, "int"),
        xlsx.Column("逾期（件）", 8, "int"),
    ]
    rows = [
        [
            each.project.number,
            each.project.name,
            each.tracking.department.name if each.tracking.department else "",
            supervision.lead_of(each.group),
            each.group.committee if each.group else "",
            "、".join(deputy.name for deputy in supervision.members_of(each.group)),
            each.held,
            each.open,
            each.overdue,
        ]
        for each in found
    ]
    return download(xlsx.write(title, columns, rows), f"{title}.xlsx", XLSX)


@bp.route(f"{URL}/projects/<int:tracking_id>/group", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, tracking=progress.get)
def group(tracking: Tracking) -> ResponseReturnValue:
    there = supervision.group_of(tracking.id)
    given = given_of(there, "lead", "lead_deputy_id", "committee", "note")
    form = GroupForm(roster.delegations(), chosen_of(there.members if there else ()), **given)
    if not form.searching and form.accepts(
        lambda: supervision.set_group(tracking, **form.values(), by=me(), now=now())
    ):
        return done(f"已确定“{tracking.name}”的监督小组", "supervision.index", year=tracking.project.year)
    return render_template("supervision/group.html", form=form, tracking=tracking, group=there), form.status


# --- inspections -----------------------------------------------------------------------------------------


def _inspection(inspection_id: int) -> Inspection | None:
    found = supervision.get_inspection(inspection_id)
    return None if found and supervision.is_secret(found) and not _secret() else found


def _inspections() -> tuple[InspectionFilters, Any]:
    filters = InspectionFilters(progress.years())
    query = supervision.inspections(
        filters.year.data,
        secret=_secret(),
        own=_own(),
        state=InspectionState(filters.state.data) if filters.state.data else None,
        kind=InspectionKind(filters.kind.data) if filters.kind.data else None,
        q=filters.q.data or "",
    )
    return filters, query


@bp.get(f"{URL}/inspections/")
@allow(P.SUPERVISION_READ)
def inspections() -> ResponseReturnValue:
    filters, query = _inspections()
    found, total = supervision.page(query, page_number())
    return render_template(
        "supervision/inspections.html",
        filters=filters,
        found=found,
        total=total,
        page=page_number(),
        day_of=supervision.day_of,
        names=supervision.names,
        secret=_secret(),
        today=today(),
    )


@bp.get(f"{URL}/inspections.xlsx")
@allow(P.SUPERVISION_READ)
def inspections_export() -> ResponseReturnValue:
    filters, query = _inspections()
    title = f"{filters.year.data or ''}年民生实事项目视察计划"
    columns = [
        xlsx.Column("日期", 16, "date"),
        xlsx.Column("方式", 8),
        xlsx.Column("主题", 30),
        xlsx.Column("项目", 30),
        xlsx.Column("责任单位", 16),
        xlsx.Column("地点", 20),
        xlsx.Column("参加代表", 30),
        xlsx.Column("状态", 10),
        xlsx.Column("小结", 50),
    ]
    rows = [
        [
            supervision.day_of(each),
            label(each.kind).word,
            each.theme,
            each.tracking.name,
            each.tracking.department.name if each.tracking.department else "",
            each.place,
            "、".join(supervision.names(each, attended=each.state == InspectionState.HELD)),
            label(each.state).word,
            each.summary,
        ]
        for each in supervision.everything(query)
    ]
    return download(xlsx.write(title, columns, rows), f"{title}.xlsx", XLSX)


@bp.route(f"{URL}/inspections/new", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE)
def plan() -> ResponseReturnValue:
    wanted = request.args.get("tracking", type=int) or 0
    tracking = progress.get(wanted) if 0 < wanted < 2**31 else None
    if tracking is None:  # first of which project
        rows = supervision.overview(next(iter(progress.years()), None), today())
        return render_template("supervision/choose.html", rows=rows)
    there = supervision.group_of(tracking.id)
    form = InspectionForm(roster.delegations(), chosen_of(there.members if there else ()))
    if not form.searching and form.accepts(
        lambda: supervision.plan_inspection(tracking, **form.values(), by=me(), now=now())
    ):
        return done("已列入视察计划", "supervision.inspection", inspection_id=form.outcome.id)
    return render_template(
        "supervision/plan.html", form=form, tracking=tracking, inspection=None
    ), form.status


@bp.get(f"{URL}/inspections/<int:inspection_id>")
@allow(P.SUPERVISION_READ, inspection=_inspection)
def inspection(inspection: Inspection) -> ResponseReturnValue:
    return render_template(
        "supervision/inspection.html",
        inspection=inspection,
        group=supervision.group_of(inspection.tracking_id),
        lead_of=supervision.lead_of,
        names=supervision.names,
        day_of=supervision.day_of,
        secret=_secret(),
    )


@bp.route(f"{URL}/inspections/<int:inspection_id>/edit", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, inspection=supervision.get_inspection)
def edit_inspection(inspection: Inspection) -> ResponseReturnValue:
    given = given_of(inspection, "kind", "theme", "planned_on", "place")
    form = InspectionForm(roster.delegations(), chosen_of(inspection.members), **given)
    if not form.searching and form.accepts(
        lambda: supervision.edit_inspection(inspection, **form.values(), by=me(), now=now())
    ):
        return done("视察安排已修改", "supervision.inspection", inspection_id=inspection.id)
    return render_template(
        "supervision/plan.html", form=form, tracking=inspection.tracking, inspection=inspection
    ), form.status


@bp.route(f"{URL}/inspections/<int:inspection_id>/hold", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, inspection=supervision.get_inspection)
def hold(inspection: Inspection) -> ResponseReturnValue:
    held = inspection.state == InspectionState.HELD
    there = [m for m in inspection.members if m.attended or not held]
    day = inspection.held_on or min(inspection.planned_on, today())
    form = HoldForm(roster.delegations(), chosen_of(there), held_on=day, summary=inspection.summary)
    if not form.searching and form.accepts(
        lambda: supervision.hold(inspection, **form.values(), by=me(), now=now())
    ):
        return done("视察情况已登记", "supervision.inspection", inspection_id=inspection.id)
    return render_template("supervision/hold.html", form=form, inspection=inspection), form.status


@bp.post(f"{URL}/inspections/<int:inspection_id>/<any(cancel, restore):act>")
@allow(P.SUPERVISION_MANAGE, inspection=supervision.get_inspection)
def move(inspection: Inspection, act: str) -> ResponseReturnValue:
    supervision.move_inspection(inspection, act, by=me(), now=now())
    word = "已取消" if act == "cancel" else "已恢复"
    return done(f"{word}：{inspection.theme}", "supervision.inspection", inspection_id=inspection.id)


@bp.get(f"{URL}/inspections/<int:inspection_id>/notice.<any(docx, pdf):kind>")
@allow(P.SUPERVISION_READ, inspection=_inspection)
def notice(inspection: Inspection, kind: str) -> ResponseReturnValue:
    return _paper(supervision.notice(inspection, today()), f"{inspection.theme}的通知", kind)


def _paper(paper: papers.Paper, name: str, kind: str) -> ResponseReturnValue:
    if kind == "pdf":
        return download(papers.to_pdf(paper), f"{name}.pdf", PDF)
    return download(papers.to_docx(paper), f"{name}.docx", DOCX)


# --- notes -----------------------------------------------------------------------------------------------


def _notes() -> tuple[NoteFilters, Any]:
    filters = NoteFilters(progress.years())
    shown = {"yes": True, "no": False}.get(filters.published.data or "")
    query = supervision.notes(
        filters.year.data,
        state=filters.state.data or "",
        published=shown,
        q=filters.q.data or "",
        sort=filters.sort.data or "open",
    )
    return filters, query


@bp.get(f"{URL}/notes/")
@allow(P.INSPECTION_READ)
def notes() -> ResponseReturnValue:
    filters, query = _notes()
    found, total = supervision.page(query, page_number())
    return render_template(
        "supervision/notes.html",
        filters=filters,
        found=found,
        total=total,
        page=page_number(),
        state_of=supervision.note_state,
        states=supervision.NOTE_STATES,
    )


@bp.get(f"{URL}/notes.xlsx")
@allow(P.INSPECTION_READ)
def notes_export() -> ResponseReturnValue:
    filters, query = _notes()
    title = f"{filters.year.data or ''}年代表监督记录"
    columns = [
        xlsx.Column("日期", 16, "date"),
        xlsx.Column("项目", 30),
        xlsx.Column("代表", 10),
        xlsx.Column("地点", 20),
        xlsx.Column("所见情况", 60),
        xlsx.Column("发现问题", 10),
        xlsx.Column("处理", 12),
        xlsx.Column("处理情况或文号", 30),
        xlsx.Column("照片（张）", 8, "int"),
        xlsx.Column("公开", 8),
    ]
    rows = [
        [
            local(each.written_at).date(),
            each.tracking.name,
            each.deputy.name,
            each.place,
            each.text,
            "是" if each.finding else "否",
            supervision.NOTE_STATES[supervision.note_state(each)],
            each.rectification.mark if each.rectification else each.settled,
            len(each.photos),
            "是" if each.published else "否",
        ]
        for each in supervision.everything(query)
    ]
    return download(xlsx.write(title, columns, rows), f"{title}.xlsx", XLSX)


@bp.get(f"{URL}/notes/<int:note_id>")
@allow(P.INSPECTION_READ, note=supervision.get_note)
def note(note: InspectionNote) -> ResponseReturnValue:
    return _note_page(note, SettleForm(settled=note.settled))


def _note_page(note: InspectionNote, form: SettleForm) -> ResponseReturnValue:
    return render_template(
        "supervision/note.html",
        note=note,
        form=form,
        shown=PublishForm(formdata=None, published=note.published, with_photos=note.photos_published),
        state=supervision.note_state(note),
        states=supervision.NOTE_STATES,
    ), form.status


@bp.post(f"{URL}/notes/<int:note_id>/publish")
@allow(P.SUPERVISION_MANAGE, note=supervision.get_note)
def publish_note(note: InspectionNote) -> ResponseReturnValue:
    form = PublishForm()
    supervision.publish_note(
        note, published=form.published.data, photos=form.with_photos.data, by=me(), now=now()
    )
    word = "已公开" if note.published else "未公开"
    return done(f"这条监督记录{word}", "supervision.note", note_id=note.id)


@bp.post(f"{URL}/notes/<int:note_id>/settle")
@allow(P.SUPERVISION_MANAGE, note=supervision.get_note)
def settle(note: InspectionNote) -> ResponseReturnValue:
    form = SettleForm()
    if form.accepts(lambda: supervision.settle(note, form.settled.data or "", by=me(), now=now())):
        return done("处理情况已登记", "supervision.notes", year=note.tracking.project.year)
    return _note_page(note, form)


@bp.route(f"{URL}/notes/<int:note_id>/issue", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, note=supervision.get_note)
def issue(note: InspectionNote) -> ResponseReturnValue:
    if request.method == "GET" and note.rectification:
        return redirect(url_for("supervision.rectification", rectification_id=note.rectification.id))
    return _issue(note.tracking, note)


@bp.route(f"{URL}/projects/<int:tracking_id>/issue", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, tracking=progress.get)
def issue_for(tracking: Tracking) -> ResponseReturnValue:
    return _issue(tracking, None)


def _issue(tracking: Tracking, note: InspectionNote | None) -> ResponseReturnValue:
    form = OrderForm(supervision.order_for(note, tracking, today()), bodies.departments())
    if form.accepts(lambda: supervision.issue(tracking, form.order(), note=note, by=me(), now=now())):
        made = form.outcome
        return done(
            f"已交办：{made.mark}。可以打印督办函", "supervision.rectification", rectification_id=made.id
        )
    return render_template(
        "supervision/order.html", form=form, tracking=tracking, note=note, rectification=None
    ), form.status


# --- 督办件 ----------------------------------------------------------------------------------------------


def _search() -> tuple[RectificationFilters, Any]:
    years = progress.years()
    year = request.args.get("year", type=int)
    wanted = year if year in years else next(iter(years), None)
    filters = RectificationFilters(years, supervision.units(wanted), supervision.projects(wanted, own=_own()))
    return filters, supervision.search(filters.year.data, today(), own=_own(), **filters.wanted())


@bp.get(f"{URL}/rectifications/")
@allow(P.SUPERVISION_READ)
def rectifications() -> ResponseReturnValue:
    filters, query = _search()
    found, total = supervision.page(query, page_number())
    return render_template(
        "supervision/rectifications.html",
        filters=filters,
        found=found,
        total=total,
        page=page_number(),
        slip_of=supervision.slips(today()),
        limits=supervision.limits(),
        today=today(),
        last=supervision.last,
        secret=_secret(),
        confined=_own() is not None,
    )


@bp.get(f"{URL}/rectifications.xlsx")
@allow(P.SUPERVISION_READ)
def rectifications_export() -> ResponseReturnValue:
    filters, query = _search()
    title = f"{filters.year.data or ''}年民生实事项目督办件"
    slip_of = supervision.slips(today())
    columns = [
        xlsx.Column("文号", 14),
        xlsx.Column("项目", 28),
        xlsx.Column("存在的问题", 44),
        xlsx.Column("整改要求", 36),
        xlsx.Column("责任单位", 16),
        xlsx.Column("责任人", 14),
        xlsx.Column("交办日期", 16, "date"),
        xlsx.Column("整改期限", 16, "date"),
        xlsx.Column("状态", 14),
        xlsx.Column("预警", 12),
        xlsx.Column("最近反馈", 40),
        xlsx.Column("销号日期", 16, "date"),
    ]
    rows = [
        [
            each.mark,
            each.tracking.name,
            each.problem,
            each.demand,
            each.department.name,
            each.person,
            each.issued_on,
            each.due_on,
            label(each.state).word,
            label(slip_of(each)).word if each.state.value == "issued" else "",
            told.result if (told := supervision.last(each)) else "",
            each.closed_on,
        ]
        for each in supervision.everything(query)
    ]
    return download(xlsx.write(title, columns, rows), f"{title}.xlsx", XLSX)


@bp.get(f"{URL}/rectifications/<int:rectification_id>")
@allow(P.SUPERVISION_READ, rectification=supervision.get)
def rectification(rectification: Rectification) -> ResponseReturnValue:
    return render_template(
        "supervision/rectification.html",
        r=rectification,
        slip=supervision.slip(rectification, today()),
        source=supervision.source(rectification),
        photos=supervision.photos_of_note(rectification),
        today=today(),
        secret=_secret(),
    )


@bp.route(f"{URL}/rectifications/<int:rectification_id>/edit", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, rectification=supervision.get)
def edit(rectification: Rectification) -> ResponseReturnValue:
    form = OrderForm(supervision.order_of(rectification), bodies.departments())
    if form.accepts(lambda: supervision.correct(rectification, form.order(), by=me(), now=now())):
        return _shown("督办件已修改", rectification)
    return render_template(
        "supervision/order.html",
        form=form,
        tracking=rectification.tracking,
        note=rectification.note,
        rectification=rectification,
    ), form.status


def _shown(message: str, rectification: Rectification) -> ResponseReturnValue:
    return done(message, "supervision.rectification", rectification_id=rectification.id)


@bp.post(f"{URL}/rectifications/<int:rectification_id>/publish")
@allow(P.SUPERVISION_MANAGE, rectification=supervision.get)
def publish(rectification: Rectification) -> ResponseReturnValue:
    supervision.publish(rectification, "published" in request.form, by=me(), now=now())
    return _shown("已公开" if rectification.published else "已不再公开", rectification)


@bp.route(f"{URL}/rectifications/<int:rectification_id>/answer", methods=["GET", "POST"])
@allow(P.SUPERVISION_ANSWER, rectification=supervision.get)
def answer(rectification: Rectification) -> ResponseReturnValue:
    form = AnswerForm()
    if form.accepts(
        lambda: supervision.answer(
            rectification,
            measures=form.measures.data or "",
            result=form.result.data or "",
            photos=before_the_lock(supervision.prepare_photos, form.photos) if form.photos else [],
            by=me(),
            now=now(),
        )
    ):
        flash("人大工作机构将组织复查；没有整改到位的，会再次交办。", "info")
        return _shown("整改情况已反馈", rectification)
    return render_template("supervision/answer.html", form=form, r=rectification), form.status


@bp.route(f"{URL}/rectifications/<int:rectification_id>/recheck", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, rectification=supervision.get)
def recheck(rectification: Rectification) -> ResponseReturnValue:
    form = RecheckForm(rechecked_on=today())
    if form.accepts(lambda: supervision.recheck(rectification, **form.values(), by=me(), now=now())):
        return _shown(
            "已销号" if rectification.closed_on else "已再次交办，责任单位应重新反馈", rectification
        )
    return render_template("supervision/recheck.html", form=form, r=rectification), form.status


@bp.route(f"{URL}/rectifications/<int:rectification_id>/reopen", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, rectification=supervision.get)
def reopen(rectification: Rectification) -> ResponseReturnValue:
    day = supervision.order_for(None, rectification.tracking, today()).due_on
    form = ReopenForm(day or today())
    if form.accepts(
        lambda: supervision.reopen(
            rectification, reason=form.reason.data or "", due_on=form.due_on.data, by=me(), now=now()
        )
    ):
        return _shown("已重新交办", rectification)
    return render_template("supervision/reopen.html", form=form, r=rectification), form.status


@bp.route(f"{URL}/rectifications/<int:rectification_id>/cancel", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, rectification=supervision.get)
def cancel(rectification: Rectification) -> ResponseReturnValue:
    form = CancelForm()
    if form.accepts(
        lambda: supervision.cancel(rectification, reason=form.reason.data or "", by=me(), now=now())
    ):
        return _shown("督办件已撤销", rectification)
    return render_template("supervision/cancel.html", form=form, r=rectification), form.status


@bp.get(f"{URL}/rectifications/<int:rectification_id>/letter.<any(docx, pdf):kind>")
@allow(P.SUPERVISION_READ, rectification=supervision.get)
def letter(rectification: Rectification, kind: str) -> ResponseReturnValue:
    return _paper(supervision.letter(rectification), f"督办函-{rectification.mark}", kind)


# --- the three lists ---------------------------------------------------------------------------------------


@bp.get(f"{URL}/lists")
@allow(P.SUPERVISION_READ)
def lists() -> ResponseReturnValue:
    filters, query = _search()
    found, total = supervision.page(query, page_number())
    return render_template(
        "supervision/lists.html",
        filters=filters,
        found=found,
        total=total,
        page=page_number(),
        source=supervision.source,
        slip_of=supervision.slips(today()),
        last=supervision.last,
        secret=_secret(),
    )


@bp.get(f"{URL}/lists.xlsx")
@allow(P.SUPERVISION_READ)
def lists_export() -> ResponseReturnValue:
    filters, query = _search()
    year, slip_of = f"{filters.year.data or ''}年", supervision.slips(today())
    found = supervision.everything(query)
    first = [xlsx.Column("文号", 14), xlsx.Column("项目", 28)]
    problems = [[r.mark, r.tracking.name, r.problem, supervision.source(r), r.issued_on] for r in found]
    duties = [[r.mark, r.tracking.name, r.department.name, r.person, r.demand, r.due_on] for r in found]
    mended = [
        [
            r.mark,
            r.tracking.name,
            told.measures if (told := supervision.last(r)) else "",
            told.result if told else "",
            told.answered_on if told else None,
            told.opinion if told else "",
            label(r.state).word,
            label(slip_of(r)).word if r.state.value == "issued" else "",
            r.closed_on,
        ]
        for r in found
    ]
    data = xlsx.write(
        f"{year}民生实事项目问题清单",
        [*first, xlsx.Column("存在的问题", 60), xlsx.Column("来源", 30), xlsx.Column("交办日期", 16, "date")],
        problems,
        sheet_title="问题清单",
        more=[
            xlsx.Sheet(
                f"{year}民生实事项目责任清单",
                [
                    *first, xlsx.Column("责任单位", 20), xlsx.Column("责任人", 16),
                    xlsx.Column("整改要求", 50), xlsx.Column("整改期限", 16, "date"),
                ],
                duties,
                "责任清单",
            ),
            xlsx.Sheet(
                f"{year}民生实事项目整改清单",
                [
                    *first, xlsx.Column("整改措施", 40), xlsx.Column("整改结果", 40),
                    xlsx.Column("反馈日期", 16, "date"), xlsx.Column("复查意见", 30),
                    xlsx.Column("状态", 14), xlsx.Column("预警", 12), xlsx.Column("销号日期", 16, "date"),
                ],
                mended,
                "整改清单",
            ),
        ],
    )  # fmt: skip
    return download(data, f"{year}民生实事项目三张清单.xlsx", XLSX)


# --- photos ----------------------------------------------------------------------------------------------


def _photo(attachment_id: int) -> Any:
    """A photo of an answer, or of a note: before it is routed to a unit, only for those who read notes."""
    found = supervision.photo(attachment_id)
    return None if found and found.note and not found.note.rectification and not _secret() else found


@bp.get(f"{URL}/photos/<int:attachment_id>")
@allow(P.SUPERVISION_READ, attachment=_photo)
def photo(attachment: Any) -> ResponseReturnValue:
    return send(attachment, thumbnail=request.args.get("size") == "small")


@bp.get("/p/<body>/supervision/photos/<int:attachment_id>")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def public_photo(body: bodies.Body, attachment_id: int) -> ResponseReturnValue:
    picture = supervision.public_photo(attachment_id) or abort(404)
    return send(picture, thumbnail=request.args.get("size") == "small", public=True)


# --- on the pages of others --------------------------------------------------------------------------------


@bp.app_template_global()
def watch_of(tracking: Tracking) -> supervision.Watch:
    """Group, inspections and 督办件 of a project, as far as the reader may see them."""
    return supervision.of_tracking(tracking.id, secret=_secret())


@bp.app_template_global()
def supervised(tracking: Tracking) -> list[supervision.Moment]:
    """What of a project's supervision is published."""
    return supervision.story(tracking)
