"""Finding a deputy at the service desk: by typing, by a scanner that types, by the camera or a photo."""

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from votes.exports.formats import qr
from votes.models import CongressSession as Session
from votes.rules.codes import plain, scanned_token
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P
from votes.services.meeting import cards, sessions
from votes.views.meeting.desk import bp
from votes.web.access import allow
from votes.web.transaction import reading

MOST_BYTES = 15 * 1024 * 1024  # a photo of a phone; a frame of the camera has about 50 kB


@bp.post("/find")
@reading
@allow(P.CHECKIN_DESK, "服务台查找、扫码", session=sessions.get)
def find(session: Session) -> ResponseReturnValue:
    """Find what was typed or scanned. This is a POST, because the secret of a card must not stand in a URL."""
    return _find(session, request.form.get("q", ""))


@bp.post("/scan")
@reading
@allow(P.CHECKIN_DESK, "服务台识别照片", session=sessions.get)
def scan(session: Session) -> ResponseReturnValue:
    """Read a picture of a card: a frame of the camera (answered with its text) or a photo. Nothing is kept."""
    texts = _read(request.files.get("picture"))
    token = next(filter(None, map(scanned_token, texts)), None)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(text=token or next(iter(texts), ""))
    if not texts:
        raise RuleBroken("照片上没有找到二维码。请让二维码占满画面的一半以上，对焦清楚后再拍。", status=422)
    return _find(session, token or texts[0])


def _read(file: FileStorage | None) -> list[str]:
    data = file.stream.read(MOST_BYTES + 1) if file else b""
    if not data:
        raise RuleBroken("请先选择照片。", status=422)
    if len(data) > MOST_BYTES:
        raise RuleBroken("照片太大，请用 15 MB 以内的照片。", status=413)
    try:
        return qr.read(data)
    except qr.NoPicture as error:
        raise RuleBroken("这不是能读取的照片。请选择 JPG、PNG 或 WebP 照片。", status=422) from error


def _find(session: Session, text: str) -> ResponseReturnValue:
    """Open the panel of the card's holder, or list the deputies whom the words fit."""
    token = scanned_token(text)
    if token is not None:
        return _open(session, token)
    text = plain(text)
    if "://" in text:
        raise RuleBroken("这个二维码不是票决凭证，请扫凭证上的二维码。", status=422)
    return redirect(url_for("desk.show", session_id=session.id, q=text[:60] or None), 303)


def _open(session: Session, token: str) -> ResponseReturnValue:
    card = cards.scanned(session, token)
    if card.voided_at is not None:
        reason = f"（{card.void_reason}）" if card.void_reason else ""
        holder = f"持证人：{card.deputy.name}。请核对本人，换用新凭证。"
        flash(f"扫到的凭证已经作废{reason}，不能使用。{holder}", "danger")
    return redirect(url_for("desk.show", session_id=session.id, deputy=card.deputy_id), 303)
