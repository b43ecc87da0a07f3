"""Send reminders and anchors to a robot of 企业微信 or 钉钉, or by e-mail; ask for timestamps of anchors.

Nothing is sent in a web request.
"""

import smtplib
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from votes.exports.publication import notices
from votes.exports.voting import timestamps

#: Seconds that a robot or a mail server may take.
TIMEOUT = 10
ROBOT, MAIL, STAMP = "robot", "mail", "stamp"
CHANNELS = {ROBOT: "机器人", MAIL: "电子邮件", STAMP: "时间戳服务"}


class Channels(NamedTuple):
    """Where the reminders of a place go."""

    robot: str = ""  # the robot's URL
    kind: str = "wecom"  # the kind of robot, of `notices.ROBOTS`
    secret: str = ""  # 钉钉 加签
    mails: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """Return the robot's host; the whole URL is as good as a password."""
        return urlsplit(self.robot).hostname or ""

    @property
    def open(self) -> list[str]:
        """Return the channels that are set up."""
        return [ROBOT] * bool(self.robot) + [MAIL] * bool(self.mails)


@dataclass(frozen=True)
class Parcel:
    """What one channel of one place gets: the keys of the reminders or anchors in it, and the words.

    ``noun`` begins its actions on the audit log; ``digest`` is what is stamped.
    """

    body_id: int
    place: str
    channel: str
    to: Channels
    keys: tuple[str, ...]
    subject: str
    words: str
    noun: str = "reminder"
    digest: str = ""


class Failure(Exception):
    """A parcel could not be delivered; the words say why, without the URL."""


def deliver(parcel: Parcel, server: Mapping[str, str]) -> timestamps.Stamp | None:
    """Send ``parcel``; return the stamp that a timestamping service has answered.

    ``server`` has the SMTP_* settings and TSA_URL. Call it with no transaction open. Raises Failure.
    """
    send = {ROBOT: _to_robot, MAIL: _to_mail, STAMP: _to_stamp}[parcel.channel]
    try:
        return send(parcel, server)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise Failure(f"{CHANNELS[parcel.channel]}没有送达：{_why(error)}") from error


def _why(error: Exception) -> str:
    """Return what went wrong, without any URL or address in it."""
    if isinstance(error, urllib.error.HTTPError):
        return f"对方应答 {error.code}"
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return f"{TIMEOUT} 秒内没有应答"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "邮件服务器不接受用户名或口令"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "邮件服务器不接受收件人"
    return f"连接失败（{type(error).__name__}）"


# --- how each channel is sent --------------------------------------------------------------------------


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: what is sent stays with the host that the place has set."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _to_robot(parcel: Parcel, _: Mapping[str, str]) -> None:
    url = parcel.to.robot
    if parcel.to.kind == "dingtalk":
        url = notices.signed(url, parcel.to.secret, int(time.time() * 1000))
    request = urllib.request.Request(
        url, data=notices.robot_body(parcel.words), headers={"Content-Type": "application/json"}
    )
    refusal = notices.robot_refusal(_answer(request, 10_000))
    if refusal:
        raise Failure(f"机器人没有接收：{refusal}")


def _answer(request: urllib.request.Request, most: int) -> bytes:
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as answer:
        content: bytes = answer.read(most)
    return content


def _to_stamp(parcel: Parcel, server: Mapping[str, str]) -> timestamps.Stamp:
    # OpenSSL's service writes several certificates in an order that is not DER's, and the library takes DER only
    for certificates in (True, False):
        asked = timestamps.request(parcel.digest, certificates=certificates)
        headers = {"Content-Type": timestamps.MEDIA_TYPE}
        request = urllib.request.Request(server["TSA_URL"], data=asked.as_bytes(), headers=headers)
        with suppress(ValueError):
            return timestamps.read(_answer(request, 100_000), asked)
    raise Failure("时间戳服务没有给出时间戳：应答被拒绝或者不是本次请求的")


def _to_mail(parcel: Parcel, server: Mapping[str, str]) -> None:
    if not server.get("SMTP_HOST"):
        raise Failure("没有设置邮件服务器（SMTP_HOST），电子邮件没有发出")
    security = server.get("SMTP_SECURITY") or "ssl"
    port = int(server.get("SMTP_PORT") or {"ssl": 465, "starttls": 587}.get(security, 25))
    client = smtplib.SMTP_SSL if security == "ssl" else smtplib.SMTP
    sender = server.get("SMTP_FROM") or server.get("SMTP_USER") or ""
    message = notices.letter(subject=parcel.subject, words=parcel.words, sender=sender)
    with client(server["SMTP_HOST"], port, timeout=TIMEOUT) as connection:
        if security == "starttls":
            connection.starttls()
        if server.get("SMTP_USER"):
            connection.login(server["SMTP_USER"], server.get("SMTP_PASSWORD", ""))
        connection.send_message(message, to_addrs=list(parcel.to.mails))
