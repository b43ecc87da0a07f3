"""交办件: what units have been asked, their opinion, and what is sent back."""

from functools import partial
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats import xlsx
from votes.forms.suggestions.matters import AnswerForm, ReturnForm, TransferFilters
from votes.models import Transfer
from votes.rules.permissions import Permission as P, visible_unit
from votes.rules.suggestions import matters as rules
from votes.rules.suggestions.personal import without_persons
from votes.services.people import departments
from votes.services.suggestions import authors, matters, transfers
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.pages import XLSX, done, download, page_number
from votes.web.uploads import send
from votes.web.words.labels import label

bp = Pages("transfers", __name__, Layout.OFFICE, audit="matters", url_prefix="/office/transfers")


def _asked() -> tuple[TransferFilters, transfers.Filter]:
    own = visible_unit(me())
    filters = TransferFilters(departments.all_departments() if own is None else [])
    return filters, filters.wanted(today(), own, matters.here().soon_days)


@bp.get("/")
@menu_item(Group.YEAR, 30, "交办件")
@allow(P.TRANSFER_READ)
def index() -> ResponseReturnValue:
    filters, wanted = _asked()
    return render_template(
        "suggestions/transfers/index.html",
        filters=filters,
        rows=transfers.page(wanted, page_number()),
        number=page_number(),
        counts=transfers.counts(wanted),
        own=wanted.own,
        place=matters.here(),
        today=today(),
        rules=rules,
    )


@bp.get("/export.xlsx")
@allow(P.TRANSFER_READ)
def export() -> ResponseReturnValue:
    rows = transfers.page(_asked()[1], 1, size=0)
    return download(xlsx.write("建议事项交办情况", COLUMNS, map(_row, rows)), "建议事项交办情况.xlsx", XLSX)


COLUMNS = [
    xlsx.Column("年度", 8, "int"),
    xlsx.Column("事项编号", 8, "int"),
    xlsx.Column("事项名称", 36),
    xlsx.Column("单位", 18),
    xlsx.Column("交办日期", 14, "date"),
    xlsx.Column("办理期限", 14, "date"),
    xlsx.Column("复杂事项", 8),
    xlsx.Column("状态", 10),
    xlsx.Column("期限", 14),
    xlsx.Column("交办要求", 40),
    xlsx.Column("建议的处理结果", 14),
    xlsx.Column("办理意见", 50),
    xlsx.Column("反馈日期", 14, "date"),
    xlsx.Column("退回理由", 30),
]


def _row(sent: Transfer) -> list[Any]:
    return [
        sent.matter.year,
        sent.matter.number,
        sent.matter.title,
        sent.department.name,
        sent.sent_on,
        sent.due_on,
        "是" if sent.complex else "",
        label(sent.state).word,
        rules.term_words(sent.due_on, today()) if sent.state == rules.TransferState.SENT else "",
        sent.instruction,
        label(sent.proposal).word,
        sent.opinion,
        sent.answered_on,
        sent.return_reason,
    ]


@bp.get("/<int:transfer_id>")
@allow(P.TRANSFER_READ, transfer=transfers.get)
def show(transfer: Transfer) -> ResponseReturnValue:
    place = matters.here()
    return render_template(
        "suggestions/transfers/show.html",
        transfer=transfer,
        matter=transfer.matter,
        place=place,
        last_return=rules.last_return(transfer.sent_on, place),
        told=partial(without_persons, names=authors.names_of(transfer.matter.suggestions)),
        today=today(),
        rules=rules,
    )


def _closed(transfer: Transfer) -> bool:
    """Whether a form is asked for where nothing is waited for; the page of the transfer says why."""
    return request.method == "GET" and transfer.state != rules.TransferState.SENT


@bp.route("/<int:transfer_id>/answer", methods=["GET", "POST"])
@allow(P.TRANSFER_ANSWER, "transfer.answer", transfer=transfers.get)
def answer(transfer: Transfer) -> ResponseReturnValue:
    if _closed(transfer):
        return redirect(url_for("transfers.show", transfer_id=transfer.id))
    form = AnswerForm()

    def act() -> None:
        proposal = rules.Outcome(form.proposal.data)
        transfers.answer(transfer, opinion=form.opinion.data or "", proposal=proposal, by=me(), now=now())

    if form.accepts(act):
        return done("办理意见已反馈", "transfers.show", transfer_id=transfer.id)
    return render_template(
        "suggestions/transfers/answer.html", form=form, transfer=transfer, matter=transfer.matter
    ), form.status


@bp.route("/<int:transfer_id>/return", methods=["GET", "POST"])
@allow(P.TRANSFER_ANSWER, "transfer.return", transfer=transfers.get)
def return_(transfer: Transfer) -> ResponseReturnValue:
    if _closed(transfer):
        return redirect(url_for("transfers.show", transfer_id=transfer.id))
    form = ReturnForm()
    if form.accepts(lambda: transfers.send_back(transfer, form.reason.data or "", by=me(), now=now())):
        return done("已退回", "transfers.show", transfer_id=transfer.id)
    place = matters.here()
    return render_template(
        "suggestions/transfers/return.html",
        form=form,
        transfer=transfer,
        place=place,
        last_return=rules.last_return(transfer.sent_on, place),
        today=today(),
    ), form.status


@bp.get("/<int:transfer_id>/photos/<int:attachment_id>")
@allow(P.TRANSFER_READ, transfer=transfers.get)
def photo(transfer: Transfer, attachment_id: int) -> ResponseReturnValue:
    photos = (each for suggestion in transfer.matter.suggestions for each in suggestion.photos)
    found = next((each for each in photos if each.id == attachment_id), None) or abort(404)
    return send(found, thumbnail=request.args.get("size") == "small")
