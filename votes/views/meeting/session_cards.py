"""The voting cards of a session: issuing, printing within ten minutes, reissuing and voiding them."""

from typing import Any

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.exports.formats import qr
from votes.exports.meeting import cards as exports
from votes.forms.meeting.sessions import CardReasonForm
from votes.models import Card, CardBatch, CongressSession as Session
from votes.rules.permissions import Permission as P
from votes.services.meeting import card_sheets, cards, consents, sessions
from votes.services.people import delegations
from votes.views.meeting.sessions import bp
from votes.web import card_sheets as issuing
from votes.web.access import allow
from votes.web.facts import Layout, facts
from votes.web.identity import me
from votes.web.pages import PDF, done, download, number
from votes.web.tables import Column, Table
from votes.web.transaction import release_lock

#: The page fetches the sheets part by part and shows the progress: 96 cards are twelve sheets, about two seconds.
PER_PART = 96

CARDS = Table(
    "cards",
    title="票决凭证",
    empty="名册中没有在任代表，请先在“代表名册”中导入。",
    spoken=True,
    columns=[
        Column("选择", cell="pick", head_hidden=True),
        Column("代表团", lambda row: row.deputy.delegation.name),
        Column("代表证号", lambda row: row.deputy.number),
        Column("姓名", lambda row: row.deputy.name),
        Column("发放时间", lambda row: row.issued_at, "moment"),
        Column("使用", cell="used"),
        Column("办理", cell="acts", css="text-nowrap", head_hidden=True),
    ],
)


@bp.get("/<int:session_id>/cards", endpoint="cards")
@allow(P.CARD_ISSUE, session=sessions.get)
def index(session: Session) -> ResponseReturnValue:
    return _page(session, CardReasonForm())


def _page(session: Session, form: CardReasonForm) -> ResponseReturnValue:
    rows, live = cards.active(session), issuing.live(session)
    page = render_template(
        "meeting/sessions/cards.html",
        session=session,
        form=form,
        listing=CARDS.of(rows),
        missing=cards.without_card(session),
        unused=sum(not card.opened for card in rows),
        live=live,
        until=card_sheets.LIFE,
        delegations=_delegations(live),
        size=PER_PART,
        voting=consents.formal_round(session),
    )
    return page, form.status


def _delegations(live: list[CardBatch]) -> dict[int, list[Any]]:
    """Return act → the delegations whose cards can be printed separately."""
    if not live:
        return {}
    ids, every = card_sheets.delegations(live), delegations.all_delegations()
    return {batch.id: [each for each in every if each.id in ids[batch.id]] for batch in live}


@bp.post("/<int:session_id>/cards/issue")
@allow(P.CARD_ISSUE, "card.issue", session=sessions.get)
def issue_cards(session: Session) -> ResponseReturnValue:
    new = issuing.issue(session, len(cards.without_card(session)), cards.issue_missing, session)
    words = (
        f"已发放 {len(new)} 张凭证，请在十分钟内打印" if new else "每位在任代表都已有凭证，没有发放新的凭证"
    )
    return done(words, "sessions.cards", session_id=session.id)


@bp.post("/<int:session_id>/cards/reissue")
@allow(P.CARD_ISSUE, "card.reissue", session=sessions.get)
def reissue_cards(session: Session) -> ResponseReturnValue:
    """Void the chosen cards, or (``all``) those that no phone has opened, and issue others in one act."""
    form, chosen = CardReasonForm(), [number(text) or 0 for text in request.form.getlist("cards")]
    which = None if "all" in request.form else chosen
    count = len(cards.active(session)) if which is None else len(chosen)
    facts = {"reason": form.reason.data}
    if form.accepts(lambda: issuing.issue(session, count, cards.reissue_many, session, which, **facts)):
        words = f"已作废并补发 {len(form.outcome)} 张凭证，原凭证立即失效；请在十分钟内打印"
        return done(words, "sessions.cards", session_id=session.id)
    return _page(session, form)


@bp.post("/<int:session_id>/cards/void")
@allow(P.CARD_ISSUE, "card.void", session=sessions.get)
def void_unused(session: Session) -> ResponseReturnValue:
    """Void the cards that no phone has opened."""
    form = CardReasonForm()
    if form.accepts(lambda: cards.void_unused(session, reason=form.reason.data, by=me(), now=now())):
        words = f"已作废 {form.outcome} 张没有使用过的凭证，立即生效"
        return done(words, "sessions.cards", session_id=session.id)
    return _page(session, form)


@bp.post("/card-batches/<int:batch_id>/sheets.pdf")
@allow(P.CARD_ISSUE, "card.fetch", batch=card_sheets.get)
def sheets_pdf(batch: CardBatch) -> ResponseReturnValue:
    """Draw the sheets of an act, or a part of them, before the write lock; write the fetch down, then hand over."""
    at, faces = now(), _faces(batch)
    name = f"票决凭证-{batch.session.title}{_part_of(faces)}.pdf"
    release_lock()
    sheets = exports.sheets(faces)
    card_sheets.record_fetch(batch, faces, "pdf", by=me(), now=at)
    return download(sheets, name, PDF)


@bp.post("/card-batches/<int:batch_id>/sheets")
@facts(layout=Layout.PRINT)
@allow(P.CARD_ISSUE, "card.fetch", batch=card_sheets.get)
def sheets_page(batch: CardBatch) -> ResponseReturnValue:
    """Show the same cards as a page for the browser's own print command, which needs no PDF."""
    faces = _faces(batch)
    card_sheets.record_fetch(batch, faces, "page", by=me(), now=now())
    with_codes = [(face, qr.data_uri(face.url)) for face in faces]
    return render_template("meeting/sessions/cards_print.html", session=batch.session, faces=with_codes)


def _faces(batch: CardBatch) -> list[exports.VotingCard]:
    which = {name: number(request.form.get(name)) for name in ("card", "delegation", "part")}
    choice = card_sheets.SheetChoice(**which, size=PER_PART)
    key, public_url = issuing.browser_key(), current_app.config["PUBLIC_URL"]
    return card_sheets.read(batch, choice, key=key, public_url=public_url, by=me(), now=now())


def _part_of(faces: list[exports.VotingCard]) -> str:
    if len(faces) == 1:
        return f"-{faces[0].name}"
    part = number(request.form.get("part"))
    return f"-第{part}部分" if part else ""


@bp.route("/cards/<int:card_id>/reissue", methods=["GET", "POST"])
@allow(P.CARD_ISSUE, "card.reissue", card=cards.get)
def reissue_card(card: Card) -> ResponseReturnValue:
    form = CardReasonForm()
    facts = {"reason": form.reason.data}
    if form.accepts(lambda: issuing.issue(sessions.of(card), 1, cards.reissue, card, **facts)):
        words = f"{card.deputy.name}的原凭证已作废，新凭证已发放，请在十分钟内打印"
        anchor = f"card-{form.outcome[0].card.id}"
        return done(words, "sessions.cards", session_id=card.session_id, _anchor=anchor)
    return render_template("meeting/sessions/reissue.html", form=form, card=card), form.status


@bp.route("/cards/<int:card_id>/void", methods=["POST"])
@allow(P.CARD_ISSUE, "card.void", card=cards.get)
def void_card(card: Card) -> ResponseReturnValue:
    cards.void(card, reason=request.form.get("reason", ""), by=me(), now=now())
    return done(f"{card.deputy.name}的凭证已作废，立即生效", "sessions.cards", session_id=card.session_id)
