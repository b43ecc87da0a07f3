"""交办件: the transfers to units, the opinion of a unit, the return of a transfer."""

from functools import partial
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.suggestions.matters import OpinionForm, ReturnForm
from votes.models import Department, Transfer
from votes.rules.lifecycle import open_actions
from votes.rules.permissions import Permission as P, may, visible_unit
from votes.rules.suggestions import terms
from votes.rules.suggestions.matters import TransferState
from votes.rules.suggestions.personal import without_persons
from votes.services.people import departments
from votes.services.suggestions import authors, settings, transfers
from votes.web import filters
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.pages import done, form_page
from votes.web.tables import Column, Listing, Table, add_export
from votes.web.uploads import send

bp = Pages("transfers", __name__, Layout.OFFICE, audit="matters", url_prefix="/office/transfers")


def _sees_all() -> bool:
    return visible_unit(me()) is None


def _units() -> list[Department]:
    return departments.all_departments() if _sees_all() else []


def _term_words(transfer: Transfer) -> str:
    open_ = transfer.state == TransferState.SENT
    return terms.term_words(transfer.due_on, today()) if open_ else ""


TRANSFERS = Table(
    "transfers",
    title="建议事项交办情况",
    caption="交办件",
    empty="还没有交办件。请在“建议办理”中打开一个事项，点“交办”。",
    unfit="没有符合条件的交办件。可清除条件后再看。",
    page="transfers.index",
    export="transfers.export",
    search=transfers.SEARCH,
    paged=True,
    filters=[
        filters.of_enum("state", "状态", TransferState, "全部状态"),
        filters.of_enum("term", "期限", terms.Term, "不限"),
        filters.of_rows("department_id", "单位", _units, "全部单位", hidden=lambda choices: not _sees_all()),
        filters.words("事项名称、摘要", 14),
        filters.order(transfers.SEARCH),
    ],
    columns=[
        Column("年度", lambda transfer: transfer.matter.year, "number", 8, page=False),
        Column("事项编号", lambda transfer: transfer.matter.number, "number", 8, page=False),
        Column("事项", lambda transfer: transfer.matter.title, width=36, title="事项名称", cell="matter"),
        Column("单位", lambda transfer: transfer.department.name, width=18, shown=_sees_all),
        Column("交办日期", lambda transfer: transfer.sent_on, "day", 14, css="keep"),
        Column("办理期限", lambda transfer: transfer.due_on, "day", 14, css="keep", cell="due"),
        Column("复杂事项", lambda transfer: "是" if transfer.complex else "", width=8, page=False),
        Column("状态", lambda transfer: transfer.state, "word", 10, css="keep", cell="standing"),
        Column("期限", _term_words, width=14, page=False),
        Column("交办要求", lambda transfer: transfer.instruction, width=40, page=False),
        Column("建议的处理结果", lambda transfer: transfer.proposal, "word", 14, page=False),
        Column("意见", lambda transfer: transfer.opinion, width=50, title="办理意见", cell="opinion"),
        Column("反馈日期", lambda transfer: transfer.answered_on, "day", 14, page=False),
        Column("退回理由", lambda transfer: transfer.return_reason, width=30, page=False),
        Column("办理", cell="answer", css="keep", shown=lambda: may(me(), P.TRANSFER_ANSWER)),
    ],
)


def _list() -> Listing:
    return TRANSFERS.read(lambda chosen: transfers.search(chosen, today(), visible_unit(me())))


@bp.get("/")
@menu_item(Group.YEAR, 30, "交办件")
@allow(P.TRANSFER_READ)
def index() -> ResponseReturnValue:
    listing = _list()
    return render_template(
        "suggestions/transfers/index.html",
        listing=listing,
        counts=transfers.counts(listing.chosen, today(), visible_unit(me())),
        sees_all=_sees_all(),
        term_of=settings.standing_on(today()),
    )


add_export(bp, "/export.xlsx", P.TRANSFER_READ, _list)


@bp.get("/<int:transfer_id>")
@allow(P.TRANSFER_READ, transfer=transfers.get)
def show(transfer: Transfer) -> ResponseReturnValue:
    redact = partial(without_persons, names=authors.names_of(transfer.matter.suggestions))
    shown = {"transfer": transfer, "matter": transfer.matter, "term_of": settings.standing_on(today())}
    return render_template(
        "suggestions/transfers/show.html", **shown, redact=redact, **_return_facts(transfer)
    )


def _return_facts(transfer: Transfer) -> dict[str, Any]:
    """Return until when a unit may return a transfer, and whether it still may."""
    last = terms.last_return(transfer.sent_on, settings.here())
    return {"return_days": settings.here().return_days, "last_return": last, "returnable": today() <= last}


def _is_closed(transfer: Transfer) -> bool:
    """Return whether a GET asks for a form of a closed transfer; the page of the transfer says why it is closed."""
    return request.method == "GET" and not open_actions(transfer.state)


@bp.route("/<int:transfer_id>/answer", methods=["GET", "POST"])
@allow(P.TRANSFER_ANSWER, "transfer.answer", transfer=transfers.get)
def answer(transfer: Transfer) -> ResponseReturnValue:
    if _is_closed(transfer):
        return redirect(url_for("transfers.show", transfer_id=transfer.id))
    form = OpinionForm()
    if form.accepts(lambda: transfers.answer(transfer, **form.values(), by=me(), now=now())):
        return done("办理意见已反馈", "transfers.show", transfer_id=transfer.id)
    return form_page("suggestions/transfers/answer.html", form, transfer=transfer)


@bp.route("/<int:transfer_id>/return", methods=["GET", "POST"])
@allow(P.TRANSFER_ANSWER, "transfer.return", transfer=transfers.get)
def return_(transfer: Transfer) -> ResponseReturnValue:
    if _is_closed(transfer):
        return redirect(url_for("transfers.show", transfer_id=transfer.id))
    form = ReturnForm()
    if form.accepts(lambda: transfers.send_back(transfer, form.reason.data or "", by=me(), now=now())):
        return done("已退回", "transfers.show", transfer_id=transfer.id)
    facts = _return_facts(transfer)
    return form_page("suggestions/transfers/return.html", form, transfer=transfer, **facts)


@bp.get("/<int:transfer_id>/photos/<int:attachment_id>")
@allow(P.TRANSFER_READ, transfer=transfers.get)
def photo(transfer: Transfer, attachment_id: int) -> ResponseReturnValue:
    photos = (each for suggestion in transfer.matter.suggestions for each in suggestion.photos)
    attachment = next((each for each in photos if each.id == attachment_id), None) or abort(404)
    return send(attachment, thumbnail=request.args.get("size") == "small")
