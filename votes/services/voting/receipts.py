"""Receipts: whether a ballot code is in the box of a round. Nothing else is said, and nothing is kept of who asked."""

import hmac

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from votes.db import db
from votes.models import Ballot, Round
from votes.rules.codes import readings
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.services.meeting import rounds


def receipt_round(public_id: str) -> Round | None:
    """A round whose receipts may be asked for by its public id; also before it is announced, and a rehearsal."""
    return db.session.scalar(
        select(Round)
        .where(Round.public_id == public_id, Round.state.not_in([RoundState.DRAFT, RoundState.CANCELLED]))
        .options(joinedload(Round.session), joinedload(Round.announcement))
    )


def receipt_refusal(round_: Round) -> str:
    """Why the round's receipts cannot be asked for; empty when they can."""
    if rounds.rule_of(round_).disclosure == "none":
        return "本轮票决办法规定不公布回执码，因此不能在这里核对。"
    if round_.state == RoundState.OPENED:
        return "投票正在进行。票箱关闭后，请再到本页核对。"
    return ""


def in_box(round_: Round, typed: str) -> bool:
    """Whether a ballot with the typed code is in the round's box. Nothing of the ballot itself is read.

    Raises RuleBroken while the box is open, where the rule publishes no codes, and for what can be no code. Nothing is
    recorded: who asks for which code would join the two.
    """
    if refusal := receipt_refusal(round_):
        raise RuleBroken(refusal)
    codes = readings(typed)
    if not codes:
        raise RuleBroken(
            "回执码是 10 位字母和数字，请对照您记下的回执码再输入一次；空格和大小写不影响。",
            field="code",
            status=422,
        )
    # all are always compared, so the time taken says nothing
    found = False
    for code in db.session.scalars(select(Ballot.code).where(Ballot.round_id == round_.id)):
        for each in codes:
            found |= hmac.compare_digest(code, each)
    return found
