"""Write reminders as the JSON that robots of 企业微信 and 钉钉 take, and as an e-mail."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from email.message import EmailMessage
from urllib.parse import quote

#: The kinds of robots. Both take the same text message; 钉钉 may ask for a signature.
ROBOTS = ("wecom", "dingtalk")
#: 企业微信 takes 2048 bytes of text.
MOST_BYTES = 2000


def text(head: str, lines: Sequence[str], foot: str) -> str:
    """Return head, numbered lines and foot; lines beyond `MOST_BYTES` are counted instead."""

    def joined(count: int) -> str:
        numbered = [f"{number}．{line}" for number, line in enumerate(lines[:count], start=1)]
        rest = [f"另有 {len(lines) - count} 件，请登录查看。"] if count < len(lines) else []
        return "\n".join([head, *numbered, *rest, foot])

    count = len(lines)
    while count and len(joined(count).encode()) > MOST_BYTES:
        count -= 1
    return joined(count)


def robot_body(words: str) -> bytes:
    """Return the text message that both kinds of robot take."""
    return json.dumps({"msgtype": "text", "text": {"content": words}}, ensure_ascii=False).encode()


def robot_refusal(answer: bytes) -> str:
    """Return what a robot's answer says went wrong; empty where it took the message ({"errcode": 0})."""
    try:
        error = json.loads(answer)
        code, words = error.get("errcode"), error.get("errmsg", "")
    except (ValueError, AttributeError):
        return "应答不是约定的格式"
    return "" if code == 0 else f"{code} {words}".strip()


def signed(url: str, secret: str, milliseconds: int) -> str:
    """Return 钉钉's URL with its signature (加签: HMAC-SHA256 over time and secret), unchanged without a secret.

    ``milliseconds``: the present time since 1970.
    """
    if not secret:
        return url
    digest = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
    mark = "&" if "?" in url else "?"
    return f"{url}{mark}timestamp={milliseconds}&sign={quote(base64.b64encode(digest), safe='')}"


def letter(*, subject: str, words: str, sender: str) -> EmailMessage:
    """Return an e-mail that names no recipients: they do not see each other."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, sender, sender
    message.set_content(words)
    return message
