"""督办件 in the office and with the units: routed, answered, looked at again, closed; read as three lists (三张清单)."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats import xlsx
from votes.forms.supervision.inspections import (
    AnswerForm,
    CancelForm,
    OrderForm,
    RecheckForm,
    RectificationFilters,
    ReopenForm,
)
from votes.models import InspectionNote, Rectification, Tracking
from votes.rules.permissions import Permission as P, visible_unit
from votes.rules.supervision.supervision import RECTIFICATION, RectificationState
from votes.services.delivery import trackings
from votes.services.people import departments
from votes.services.supervision import inspection_notes, rectifications
from votes.views.supervision.overview import secret
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import XLSX, done, download, download_paper, page_number
from votes.web.uploads import drawn
from votes.web.words.labels import label

bp = Pages(
    "rectifications",
    __name__,
    Layout.OFFICE,
    within="supervision",
    audit="supervision",
    url_prefix="/office/supervision",
)


# --- 督办件 ----------------------------------------------------------------------------------------------


def _search() -> tuple[RectificationFilters, Any]:
    years = trackings.years()
    year = request.args.get("year", type=int)
    wanted = year if year in years else next(iter(years), None)
    filters = RectificationFilters(
        years, rectifications.units(wanted), rectifications.projects(wanted, own=visible_unit(me()))
    )
    return filters, rectifications.search(
        filters.year.data, today(), own=visible_unit(me()), **filters.wanted()
    )


def _listed(template: str, **more: Any) -> ResponseReturnValue:
    """One page of those that were asked for, as ``template`` shows them; ``more``: what it alone shows."""
    filters, query = _search()
    found, total = rectifications.page(query, page_number())
    return render_template(
        template,
        filters=filters,
        found=found,
        total=total,
        page=page_number(),
        slip_of=rectifications.slips(today()),
        last=rectifications.last,
        secret=secret(),
        **more,
    )


@bp.get("/rectifications/")
@allow(P.SUPERVISION_READ)
def index() -> ResponseReturnValue:
    confined = visible_unit(me()) is not None
    return _listed(
        "supervision/rectifications/index.html",
        limits=rectifications.limits(),
        today=today(),
        confined=confined,
    )


@bp.get("/rectifications.xlsx")
@allow(P.SUPERVISION_READ)
def export() -> ResponseReturnValue:
    filters, query = _search()
    title = f"{filters.year.data or ''}年民生实事项目督办件"
    slip_of = rectifications.slips(today())
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
            label(slip_of(each)).word if each.state == RectificationState.ISSUED else "",
            told.result if (told := rectifications.last(each)) else "",
            each.closed_on,
        ]
        for each in rectifications.everything(query)
    ]
    return download(xlsx.write(title, columns, rows), f"{title}.xlsx", XLSX)


@bp.get("/rectifications/<int:rectification_id>")
@allow(P.SUPERVISION_READ, rectification=rectifications.get)
def show(rectification: Rectification) -> ResponseReturnValue:
    return render_template(
        "supervision/rectifications/show.html",
        r=rectification,
        slip=rectifications.slip(rectification, today()),
        source=rectifications.source(rectification, organ().member),
        photos=rectifications.photos_of_note(rectification),
        today=today(),
        secret=secret(),
    )


def _page(rectification: Rectification) -> ResponseReturnValue:
    return redirect(url_for("rectifications.show", rectification_id=rectification.id))


def _not_now(rectification: Rectification, action: str) -> bool:
    """Whether a form is asked for that the state has no use for; the page of the 督办件 says how it stands."""
    return request.method == "GET" and action not in RECTIFICATION[rectification.state]


@bp.route("/rectifications/<int:rectification_id>/edit", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "rectification.edit", rectification=rectifications.get)
def edit(rectification: Rectification) -> ResponseReturnValue:
    if _not_now(rectification, "answer"):  # as long as the unit may answer, the words may change
        return _page(rectification)
    form = OrderForm(rectifications.order_of(rectification), departments.all_departments())
    if form.accepts(lambda: rectifications.correct(rectification, form.order(), by=me(), now=now())):
        return _shown("督办件已修改", rectification)
    return render_template(
        "supervision/rectifications/edit.html",
        form=form,
        tracking=rectification.tracking,
        note=rectification.note,
        photos=rectification.note.photos if rectification.note else [],
        rectification=rectification,
    ), form.status


def _shown(message: str, rectification: Rectification) -> ResponseReturnValue:
    return done(message, "rectifications.show", rectification_id=rectification.id)


@bp.post("/rectifications/<int:rectification_id>/publish")
@allow(P.SUPERVISION_MANAGE, "rectification.publish", rectification=rectifications.get)
def publish(rectification: Rectification) -> ResponseReturnValue:
    rectifications.publish(rectification, "published" in request.form, by=me(), now=now())
    return _shown("已公开" if rectification.published else "已不再公开", rectification)


@bp.route("/rectifications/<int:rectification_id>/answer", methods=["GET", "POST"])
@allow(P.SUPERVISION_ANSWER, "rectification.answer", rectification=rectifications.get)
def answer(rectification: Rectification) -> ResponseReturnValue:
    if _not_now(rectification, "answer"):
        return _page(rectification)
    form = AnswerForm()
    if form.accepts(
        lambda: rectifications.answer(
            rectification,
            measures=form.measures.data or "",
            result=form.result.data or "",
            photos=drawn(form.photos),
            by=me(),
            now=now(),
        )
    ):
        flash("人大工作机构将组织复查；没有整改到位的，会再次交办。", "info")
        return _shown("整改情况已反馈", rectification)
    return render_template("supervision/rectifications/answer.html", form=form, r=rectification), form.status


@bp.route("/rectifications/<int:rectification_id>/recheck", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "登记复查", rectification=rectifications.get)
def recheck(rectification: Rectification) -> ResponseReturnValue:
    if _not_now(rectification, "pass"):
        return _page(rectification)
    form = RecheckForm(rechecked_on=today())
    if form.accepts(lambda: rectifications.recheck(rectification, **form.values(), by=me(), now=now())):
        return _shown(
            "已销号" if rectification.closed_on else "已再次交办，责任单位应重新反馈", rectification
        )
    return render_template("supervision/rectifications/recheck.html", form=form, r=rectification), form.status


@bp.route("/rectifications/<int:rectification_id>/reopen", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "rectification.reopen", rectification=rectifications.get)
def reopen(rectification: Rectification) -> ResponseReturnValue:
    if _not_now(rectification, "reopen"):
        return _page(rectification)
    day = rectifications.order_for(None, rectification.tracking, today()).due_on
    form = ReopenForm(day or today())
    if form.accepts(
        lambda: rectifications.reopen(
            rectification, reason=form.reason.data or "", due_on=form.due_on.data, by=me(), now=now()
        )
    ):
        return _shown("已重新交办", rectification)
    return render_template("supervision/rectifications/reopen.html", form=form, r=rectification), form.status


@bp.route("/rectifications/<int:rectification_id>/cancel", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "rectification.cancel", rectification=rectifications.get)
def cancel(rectification: Rectification) -> ResponseReturnValue:
    if _not_now(rectification, "cancel"):
        return _page(rectification)
    form = CancelForm()
    if form.accepts(
        lambda: rectifications.cancel(rectification, reason=form.reason.data or "", by=me(), now=now())
    ):
        return _shown("督办件已撤销", rectification)
    return render_template("supervision/rectifications/cancel.html", form=form, r=rectification), form.status


@bp.get("/rectifications/<int:rectification_id>/letter.<any(docx, pdf):kind>")
@allow(P.SUPERVISION_READ, rectification=rectifications.get)
def letter(rectification: Rectification, kind: str) -> ResponseReturnValue:
    return download_paper(rectifications.letter(rectification, today()), f"督办函-{rectification.mark}", kind)


# --- routed by the office --------------------------------------------------------------------------------


@bp.route("/notes/<int:note_id>/issue", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "rectification.issue", note=inspection_notes.get)
def issue(note: InspectionNote) -> ResponseReturnValue:
    if request.method == "GET" and note.rectification:
        return _page(note.rectification)
    return _issue(note.tracking, note)


@bp.route("/projects/<int:tracking_id>/issue", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "rectification.issue", tracking=trackings.get)
def issue_for(tracking: Tracking) -> ResponseReturnValue:
    return _issue(tracking, None)


def _issue(tracking: Tracking, note: InspectionNote | None) -> ResponseReturnValue:
    form = OrderForm(rectifications.order_for(note, tracking, today()), departments.all_departments())
    if form.accepts(lambda: rectifications.issue(tracking, form.order(), note=note, by=me(), now=now())):
        made = form.outcome
        return done(f"已交办：{made.mark}。可以打印督办函", "rectifications.show", rectification_id=made.id)
    return render_template(
        "supervision/rectifications/edit.html",
        form=form,
        tracking=tracking,
        note=note,
        photos=note.photos if note else [],
        rectification=None,
    ), form.status


# --- the three lists ---------------------------------------------------------------------------------------


@bp.get("/lists")
@allow(P.SUPERVISION_READ)
def lists() -> ResponseReturnValue:
    return _listed(
        "supervision/rectifications/lists.html", source=rectifications.source, member=organ().member
    )


@bp.get("/lists.xlsx")
@allow(P.SUPERVISION_READ)
def lists_export() -> ResponseReturnValue:
    filters, query = _search()
    year, slip_of = f"{filters.year.data or ''}年", rectifications.slips(today())
    found = rectifications.everything(query)
    first = [xlsx.Column("文号", 14), xlsx.Column("项目", 28)]
    member = organ().member
    problems = [
        [r.mark, r.tracking.name, r.problem, rectifications.source(r, member), r.issued_on] for r in found
    ]
    duties = [[r.mark, r.tracking.name, r.department.name, r.person, r.demand, r.due_on] for r in found]
    mended = [
        [
            r.mark,
            r.tracking.name,
            told.measures if (told := rectifications.last(r)) else "",
            told.result if told else "",
            told.answered_on if told else None,
            told.opinion if told else "",
            label(r.state).word,
            label(slip_of(r)).word if r.state == RectificationState.ISSUED else "",
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
            xlsx.Worksheet(
                f"{year}民生实事项目责任清单",
                [
                    *first, xlsx.Column("责任单位", 20), xlsx.Column("责任人", 16),
                    xlsx.Column("整改要求", 50), xlsx.Column("整改期限", 16, "date"),
                ],
                duties,
                "责任清单",
            ),
            xlsx.Worksheet(
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
