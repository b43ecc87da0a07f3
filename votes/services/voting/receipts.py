"""Receipts: whether a ballot code is in the box of a round. Nothing else is told, and no inquiry is recorded."""

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
    """Return a round whose receipts may be checked, by public id; also before it is announced, and a rehearsal."""
    return db.session.scalar(
        select(Round)
        .where(Round.public_id == public_id, Round.state.not_in([RoundState.DRAFT, RoundState.CANCELLED]))
        .options(joinedload(Round.session), joinedload(Round.announcement))
    )


def receipt_refusal(round_: Round) -> str:
    """Return why the round's receipts cannot be checked; empty when they can."""
    if rounds.rule_of(round_).disclosure == "none":
        return "本轮票决办法规定不公布回执码，因此不能在这里核对。"
    if round_.state == RoundState.OPENED:
        return "投票正在进行。票箱关闭后，请再到本页核对。"
    return ""


def in_box(round_: Round, typed: str) -> bool:
    """Return True when a ballot with the typed code is in the round's box. Nothing else of the ballot is read.

    Raises RuleBroken while the box is open, where the rule publishes no codes, and for an impossible code. Nothing is
    recorded: who checks which code would join the two.
    """
    if refusal := receipt_refusal(round_):
        raise RuleBroken(refusal)
    codes = readings(typed)
    if not codes:
        words = "回执码是 10 位字母和数字，请对照您记下的回执码再输入一次；空格和大小写不影响。"
        raise RuleBroken(words, field="code", status=422)
    # All codes are always compared, so that the time taken tells nothing.
    is_inside = False
    for code in db.session.scalars(select(Ballot.code).where(Ballot.round_id == round_.id)):
        for each in codes:
            is_inside |= hmac.compare_digest(code, each)
    return is_inside
