"""Reminders as they leave the house: the JSON that robots of 企业微信 and 钉钉 take, and an e-mail."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from email.message import EmailMessage
from urllib.parse import quote

#: What a robot's address understands: both take the same text message, 钉钉 may ask for a signature.
ROBOTS = ("wecom", "dingtalk")
#: 企业微信 takes 2048 bytes of text.
MOST_BYTES = 2000


def text(head: str, lines: Sequence[str], foot: str) -> str:
    """Head, numbered lines, foot; lines that do not fit are counted instead."""

    def joined(count: int) -> str:
        told = [f"{number}．{line}" for number, line in enumerate(lines[:count], start=1)]
        more = [f"另有 {len(lines) - count} 件，请登录查看。"] if count < len(lines) else []
        return "\n".join([head, *told, *more, foot])

    count = len(lines)
    while count and len(joined(count).encode()) > MOST_BYTES:
        count -= 1
    return joined(count)


def robot_body(words: str) -> bytes:
    """The text message that both kinds of robot take."""
    return json.dumps({"msgtype": "text", "text": {"content": words}}, ensure_ascii=False).encode()


def robot_refusal(answer: bytes) -> str:
    """What a robot's answer says went wrong; empty where it took the message ({"errcode": 0})."""
    try:
        told = json.loads(answer)
        return "" if told.get("errcode") == 0 else f"{told.get('errcode')} {told.get('errmsg', '')}".strip()
    except (ValueError, AttributeError):
        return "应答不是约定的格式"


def signed(address: str, secret: str, milliseconds: int) -> str:
    """钉钉's address with the signature of this moment (加签: HMAC-SHA256 over time and secret); as it is without a secret."""
    if not secret:
        return address
    digest = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
    mark = "&" if "?" in address else "?"
    return f"{address}{mark}timestamp={milliseconds}&sign={quote(base64.b64encode(digest), safe='')}"


def letter(*, subject: str, words: str, sender: str) -> EmailMessage:
    """The same as an e-mail. It names no recipients: they do not see each other."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, sender, sender
    message.set_content(words)
    return message
