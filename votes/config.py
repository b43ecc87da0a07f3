"""Settings: each has a default that suits one machine, and an environment variable.

docs/operations.md lists them for those who install the software; a test compares the two.
"""

import hashlib
import os
import secrets
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent

#: name -> (default as shown to people, what it is for)
ENVIRONMENT: dict[str, tuple[str, str]] = {
    "INSTANCE_PATH": ("instance/", "数据库、上传文件和密钥所在的文件夹"),
    "DATABASE_URL": ("sqlite:///<INSTANCE_PATH>/votes.db", "数据库地址（SQLite 或 PostgreSQL）"),
    "STANDBY_URLS": ("空", "PostgreSQL 流复制备用库的地址，逗号分隔；关闭票箱时一并清除它们的事务日志"),
    "SECRET_KEY": ("首次启动时生成并保存在 INSTANCE_PATH/secret_key", "会话与凭证的密钥"),
    "PUBLIC_URL": ("http://<HOST>:<PORT>", "代表手机访问的地址，印在二维码里"),
    "ALLOWED_HOSTS": ("空", "除 PUBLIC_URL 的主机名和本机外，还接受哪些主机名，逗号分隔"),
    "HOST": ("127.0.0.1", "监听地址"),
    "PORT": ("8000", "监听端口"),
    "SMTP_HOST": ("空", "发送提醒邮件的服务器；空着不发邮件"),
    "SMTP_PORT": ("按 SMTP_SECURITY", "邮件服务器端口：`ssl` 为 465，`starttls` 为 587，`none` 为 25"),
    "SMTP_SECURITY": ("ssl", "与邮件服务器的连接：`ssl`、`starttls` 或 `none`"),
    "SMTP_USER": ("空", "邮件服务器的用户名"),
    "SMTP_PASSWORD": ("空", "邮件服务器的口令（授权码）"),
    "SMTP_FROM": ("同 SMTP_USER", "提醒邮件的发件地址"),
    "TSA_URL": ("空", "时间戳服务（RFC 3161）的地址；空着不请求时间戳"),
    "HASH_ALGORITHM": ("sha256", "新设轮次所用的摘要算法：`sha256` 或 `sm3`（国密）"),
}


class BadSetting(ValueError):
    """A setting with which the software must not start. The message is Chinese and says what to do."""


def hash_algorithm(given: str) -> str:
    """Return the digest algorithm for new rounds; existing rounds keep theirs.

    Raises:
        BadSetting: unknown name, or the OpenSSL of this machine lacks the algorithm.
    """
    name = given.strip().lower().replace("-", "")
    if name not in ("sha256", "sm3"):
        raise BadSetting(f"HASH_ALGORITHM 应为 sha256 或 sm3，现为“{given}”。")
    try:
        hashlib.new(name, b"")
    except ValueError:
        raise BadSetting(
            f"HASH_ALGORITHM 设为 {name}，但本机的密码库（OpenSSL）不支持。请改为 sha256，或者安装带 SM3 的 OpenSSL。"
        ) from None
    return name


def tsa_url(given: str) -> str:
    """Return the URL of the timestamping service; empty for none.

    Raises:
        BadSetting: it is no URL of HTTP.
    """
    url = given.strip()
    if url and not (urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname):
        raise BadSetting(f"TSA_URL 应是时间戳服务的完整地址，以 http:// 或 https:// 开头，现为“{given}”。")
    return url


def smtp(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings of the mail server, empty where not given.

    Raises:
        BadSetting: unknown kind of connection, or a port that is not a number.
    """
    names = ("SMTP_HOST", "SMTP_PORT", "SMTP_SECURITY", "SMTP_USER", "SMTP_PASSWORD", "SMTP_FROM")
    settings = {name: str(given.get(name) or "").strip() for name in names}
    settings["SMTP_SECURITY"] = settings["SMTP_SECURITY"].lower() or "ssl"
    if settings["SMTP_SECURITY"] not in ("ssl", "starttls", "none"):
        raise BadSetting(f"SMTP_SECURITY 应为 ssl、starttls 或 none，现为“{settings['SMTP_SECURITY']}”。")
    if settings["SMTP_PORT"] and not settings["SMTP_PORT"].isdigit():
        raise BadSetting(f"SMTP_PORT 应为端口号，现为“{settings['SMTP_PORT']}”。")
    return settings


def hosts(host: str, public_url: str, allowed: str) -> frozenset[str]:
    """Return the host names that requests may be for; ports do not count.

    ``host`` is the IP address on which the server listens. Where it listens on all, the address of this machine in its
    network is among them.
    """
    named = ["localhost", "127.0.0.1", "::1", urlsplit(public_url).hostname or ""]
    named.append(own_address() or "" if host in ("0.0.0.0", "::") else host)
    named += [urlsplit(f"//{each.strip()}").hostname or "" for each in allowed.split(",")]
    return frozenset(name.lower() for name in named if name)


def own_address() -> str | None:
    """Return the IP address of this machine in its network, by the routing table; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an IP address reserved for documentation (RFC 5737)
        except OSError:
            return None
        return str(probe.getsockname()[0])


def secret_key(instance: Path) -> str:
    """Return the key in the instance folder, made on the first run and readable by its owner only."""
    path = instance / "secret_key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        # Another process may be between creating and writing: an empty file is not yet a key.
        for _ in range(200):
            key = path.read_text().strip()
            if key:
                return key
            time.sleep(0.01)
        raise RuntimeError(f"{path} is empty; remove it to have a new key made") from None
    with os.fdopen(handle, "w") as file:
        key = secrets.token_urlsafe(32)
        file.write(key)
    return key


def load(environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the Flask configuration from the environment; ``overrides`` take precedence (tests, commands).

    Raises:
        ValueError: PORT is not a number.
        BadSetting: a value of `hash_algorithm` or `smtp` is wrong.
    """
    given = {**{name: environ[name] for name in ENVIRONMENT if environ.get(name)}, **(overrides or {})}
    instance = Path(given.get("INSTANCE_PATH") or ROOT / "instance").resolve()
    instance.mkdir(parents=True, exist_ok=True)
    host, port = given.get("HOST", "127.0.0.1"), int(given.get("PORT", 8000))
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    public_url = str(given.get("PUBLIC_URL") or f"http://{shown}:{port}").rstrip("/")
    https = public_url.startswith("https://")
    config: dict[str, Any] = {
        "INSTANCE_PATH": str(instance),
        "DATABASE_URL": given.get("DATABASE_URL") or f"sqlite:///{instance / 'votes.db'}",
        "STANDBY_URLS": [
            url.strip() for url in str(given.get("STANDBY_URLS") or "").split(",") if url.strip()
        ],
        "SECRET_KEY": given.get("SECRET_KEY") or secret_key(instance),
        "PUBLIC_URL": public_url,
        "HOST": host,
        "PORT": port,
        "HOSTS": hosts(host, public_url, str(given.get("ALLOWED_HOSTS") or "")),
        **smtp(given),
        "TSA_URL": tsa_url(str(given.get("TSA_URL") or "")),
        "HASH_ALGORITHM": hash_algorithm(str(given.get("HASH_ALGORITHM") or "sha256")),
        "MAX_CONTENT_LENGTH": 48 * 1024 * 1024,  # a report with several photos; each file has its own limit
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 5000,
        # Browsers send cookies to all ports of a host; the name keeps two instances on one host apart.
        # Over HTTPS, the prefix lets no neighbouring host name set the cookie.
        "SESSION_COOKIE_NAME": ("__Host-" if https else "")
        + "votes_"
        + hashlib.sha256(str(instance).encode()).hexdigest()[:8],
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",  # not Strict: a scanned code is a cross-site visit
        "SESSION_COOKIE_SECURE": https,
        "PERMANENT_SESSION_LIFETIME": 31 * 24 * 3600,  # a sign-in ends earlier, by `rules.people.sign_ins`
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,  # a ballot opened before a long meeting must still go through
        "WTF_CSRF_SSL_STRICT": False,  # some webviews send no Referer; the token and SameSite remain
        "WTF_I18N_ENABLED": False,
        "BOOTSTRAP_SERVE_LOCAL": True,
        "COMPRESS_STREAMS": False,
        "COMPRESS_MIN_SIZE": 400,
        "COMPRESS_BR_LEVEL": 5,  # half a millisecond more than the usual 4, and a ballot is a seventh lighter
    }
    config.update({k: v for k, v in (overrides or {}).items() if k not in config})
    return config
