"""The voting cards of a session: issuing, printing, reissuing and voiding them."""

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.exports.formats import qr
from votes.exports.meeting import cards as sheets
from votes.forms.meeting.sessions import CardReasonForm
from votes.models import Card, CongressSession as Session
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P
from votes.services.meeting import cards, sessions
from votes.services.people import delegations
from votes.views.meeting.sessions import bp
from votes.web.access import allow
from votes.web.facts import Layout, facts
from votes.web.identity import me
from votes.web.pages import PDF, done, download
from votes.web.tables import Column, Table

#: The page fetches the sheets part by part and shows the progress: 96 cards are twelve sheets, about two seconds.
PER_PART = 96

CARDS = Table(
    "cards",
    title="票决凭证",
    empty="名册中没有在任代表，请先在“代表名册”中导入。",
    spoken=True,
    columns=[
        Column("代表团", lambda row: row.deputy.delegation.name),
        Column("代表证号", lambda row: row.deputy.number),
        Column("姓名", lambda row: row.deputy.name),
        Column("发放时间", lambda row: row.issued_at, "moment"),
        Column("办理", cell="acts", css="text-nowrap", head_hidden=True),
    ],
)


def server_key() -> str:
    """Return the server's key, of which the tokens and PINs of the cards are made."""
    return str(current_app.config["SECRET_KEY"])


def _faces(session: Session, chosen: list[Card]) -> list[sheets.VotingCard]:
    return cards.faces(chosen, session, key=server_key(), public_url=current_app.config["PUBLIC_URL"])


@bp.get("/<int:session_id>/cards", endpoint="cards")
@allow(P.CARD_ISSUE, session=sessions.get)
def index(session: Session) -> ResponseReturnValue:
    return render_template(
        "meeting/sessions/cards.html",
        session=session,
        listing=CARDS.of(cards.active(session)),
        missing=cards.without_card(session),
        delegations=delegations.all_delegations(),
        size=PER_PART,
    )


@bp.post("/<int:session_id>/cards/issue")
@allow(P.CARD_ISSUE, session=sessions.get)
def issue_cards(session: Session) -> ResponseReturnValue:
    issued = cards.issue_missing(session, key=server_key(), by=me(), now=now())
    return done(f"已发放 {issued} 张凭证，可以打印", "sessions.cards", session_id=session.id)


@bp.get("/<int:session_id>/cards.pdf")
@allow(P.CARD_ISSUE, session=sessions.get)
def cards_pdf(session: Session) -> ResponseReturnValue:
    delegation, part = request.args.get("delegation", type=int), request.args.get("part", type=int)
    chosen = [c for c in cards.active(session) if not delegation or c.deputy.delegation_id == delegation]
    if part:
        chosen = chosen[(part - 1) * PER_PART : part * PER_PART]
    if not chosen:
        raise RuleBroken("没有可以打印的凭证，请先发放。", status=404)
    name = f"票决凭证-{session.title}{f'-第{part}部分' if part else ''}.pdf"
    return download(sheets.sheets(_faces(session, chosen)), name, PDF)


@bp.get("/<int:session_id>/cards/print")
@facts(layout=Layout.PRINT)
@allow(P.CARD_ISSUE, session=sessions.get)
def cards_print(session: Session) -> ResponseReturnValue:
    """Show the same cards as a page for the browser's own print command, which needs no PDF."""
    faces = [(face, qr.data_uri(face.url)) for face in _faces(session, cards.active(session))]
    return render_template("meeting/sessions/cards_print.html", session=session, faces=faces)


@bp.get("/cards/<int:card_id>.pdf")
@allow(P.CARD_ISSUE, card=cards.get)
def card_pdf(card: Card) -> ResponseReturnValue:
    cards.check_usable(card)
    sheet = sheets.sheets(_faces(sessions.of(card), [card]))
    return download(sheet, f"票决凭证-{card.deputy.name}.pdf", PDF)


@bp.route("/cards/<int:card_id>/reissue", methods=["GET", "POST"])
@allow(P.CARD_ISSUE, card=cards.get)
def reissue_card(card: Card) -> ResponseReturnValue:
    form = CardReasonForm()
    key = server_key()
    if form.accepts(lambda: cards.reissue(card, reason=form.reason.data, key=key, by=me(), now=now())):
        words = f"{card.deputy.name}的原凭证已作废，新凭证已发放，请打印"
        anchor = f"card-{form.outcome.id}"
        return done(words, "sessions.cards", session_id=card.session_id, _anchor=anchor)
    return render_template("meeting/sessions/reissue.html", form=form, card=card), form.status


@bp.route("/cards/<int:card_id>/void", methods=["POST"])
@allow(P.CARD_ISSUE, card=cards.get)
def void_card(card: Card) -> ResponseReturnValue:
    cards.void(card, reason=request.form.get("reason", ""), by=me(), now=now())
    return done(f"{card.deputy.name}的凭证已作废，立即生效", "sessions.cards", session_id=card.session_id)
