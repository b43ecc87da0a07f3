"""Proof of a round: is what is stored still what it was, and the sealed archive for 总监票人."""

from flask import render_template
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.models import Round
from votes.rules.permissions import Permission as P
from votes.services.meeting import rounds
from votes.services.publication import anchor_parcels, senders
from votes.services.voting import archive, proof
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.pages import download

bp = Pages("proof", __name__, Layout.OFFICE, within="sessions")


@bp.get("/office/rounds/<int:round_id>/proof")
@allow(P.ROUND_READ, round_=rounds.get_round)
def show(round_: Round) -> ResponseReturnValue:
    """Made anew at each look: nothing is kept that could be out of date."""
    found = proof.verify(round_)
    return render_template(
        "voting/proof/show.html",
        round=round_,
        proof=found,
        at=now(),
        left=anchor_parcels.channels_of(found.anchors),
        words=senders.CHANNELS,
    )


@bp.get("/teller/rounds/<int:round_id>/archive.zip")
@allow(P.ARCHIVE_READ, round_=rounds.get_round)
def sealed(round_: Round) -> ResponseReturnValue:
    return download(archive.build(round_), archive.file_name(round_), "application/zip")
