"""`python -m votes.serve`: get the database ready, then serve with as many processes as there are cores."""

import multiprocessing
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from wsgiref.types import WSGIApplication

from granian import Granian
from granian.constants import Interfaces, RuntimeModes
from granian.log import LogLevels
from sqlalchemy.exc import OperationalError

from votes import config
from votes.clock import now
from votes.db import Database
from votes.migrations import UnknownRevisionError


def say(text: str) -> None:
    """Tell the operator, at once; a terminal that has been closed must not keep the server from stopping."""
    with suppress(OSError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def main() -> int:
    """Upgrade the database, load the demo year into an empty one, say where to go, serve until stopped.

    Answers the exit code: 0 after SIGTERM or Ctrl+C, 2 when a setting or the port keeps it from starting.
    """
    try:
        settings = config.load(os.environ)
        workers = int(os.environ.get("WORKERS") or len(os.sched_getaffinity(0)))
    except config.BadSetting as error:
        say(f"没有启动：{error}数据没有改动，改正后重新执行。")
        return 2
    except ValueError as error:
        say(f"没有启动：PORT 和 WORKERS 应是整数（{error}）。数据没有改动，改正后重新执行。")
        return 2
    host, port = settings["HOST"], settings["PORT"]
    try:
        address = _listening_address(host, port)
    except OSError as error:
        say(
            f"没有启动：不能在 {host}:{port} 上监听（{error.strerror or error}）。数据没有改动；"
            "请检查 HOST 和 PORT，端口被占用时可换一个，例如 PORT=8001 make run。"
        )
        return 2
    try:
        logins = prepare()
    except OperationalError as error:
        say(f"没有启动：数据库连不上或写不进（{error.orig}）。请检查 DATABASE_URL 和磁盘后重新执行。")
        return 2
    except UnknownRevisionError as error:
        say(f"没有启动：{error}")
        return 2

    # Workers start as new interpreters. Forked ones would share the parent's database connections, and the
    # file handle of the write lock: processes that share it do not shut one another out.
    multiprocessing.set_start_method("spawn")
    server = Granian(
        "votes.wsgi:application",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        websockets=False,
        workers=workers,
        # The other mode loses, once in fifty times, the wake-up by which a stopping worker learns that it has
        # finished, and hangs until it is killed (granian 2.8).
        runtime_mode=RuntimeModes.st,
        blocking_threads=1,  # threads cost two fifths of the throughput: docs/decisions/0002-libraries.md
        respawn_failed_workers=True,
        workers_kill_timeout=15,
        log_level=LogLevels.warning,
        log_access=False,
    )
    server.main_loop_interrupt = _Doorbell(lambda: server.interrupt_signal)  # type: ignore[assignment]
    hangup = signal.getsignal(signal.SIGHUP)

    def started() -> None:
        # The server would take a closed terminal for the wish to begin anew; under nohup it means nothing.
        stop = server.signal_handler_interrupt
        signal.signal(signal.SIGHUP, signal.SIG_IGN if hangup is signal.SIG_IGN else stop)
        say(welcome(settings, logins))

    server.on_startup(started)
    try:
        server.serve(target_loader=load_application, wrap_loader=False)
    except SystemExit:
        # A worker still starting, when a signal to the whole group reaches it, dies of it: no failure.
        if not server.interrupt_signal:
            raise
    say("服务已停止，数据已保存。")
    return 0


def prepare() -> list[dict[str, str]]:
    """Bring the database to the newest migration and fill an empty one with the demo year.

    Answers the demo's logins (role, username, password), none when the database is not the demo's.
    """
    from votes import create_app, demo, migrations

    app = create_app()
    database: Database = app.extensions["votes.database"]
    migrations.upgrade(database)
    try:
        with app.app_context(), database.work():
            if demo.is_empty():
                say("数据库是空的，正在装入演示年度……")
            return demo.load_if_empty(now=now())
    finally:
        database.dispose()


def load_application() -> WSGIApplication:
    """What a worker serves.

    A worker told twice to stop hangs until it is killed, so it leaves the process group: Ctrl+C, and whoever
    signals the whole group, reach the parent alone, and the parent tells each worker once.
    """
    os.setpgid(0, 0)
    from votes.wsgi import application

    return application


class _Doorbell:
    """Wakes the server's main loop, in place of its threading.Event.

    A signal handler may not touch an Event that its own thread is waiting for: a second signal, coming while
    the first one wakes the loop, finds the Event's lock held by the very thread it interrupts, for ever.
    And the loop silences the bell after it has looked why it rang; were it told to stop just between, it would wait
    for ever. So nobody waits once ``stopping`` answers True.
    """

    def __init__(self, stopping: Callable[[], bool]) -> None:
        self._stopping = stopping
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)

    def set(self) -> None:
        with suppress(BlockingIOError):  # full of rings already
            os.write(self._writing, b"!")

    def wait(self) -> None:
        if not self._stopping():
            select.select([self._reading], [], [])

    def clear(self) -> None:
        with suppress(BlockingIOError):
            while os.read(self._reading, 4096):
                pass


def _listening_address(host: str, port: int) -> str:
    """The IP address of ``host``, after making sure that one can listen there; else raises OSError.

    Asked beforehand, since the server's own sockets may be shared: two instances on one port would answer
    each other's visitors.
    """
    if not 0 < port < 65536:
        raise OSError("端口应在 1 至 65535 之间")
    family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, proto) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
    return str(address[0])


def _own_address() -> str | None:
    """This machine's address in its network, as the routing table tells it; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address reserved for documents (RFC 5737)
        except OSError:
            return None
        return str(probe.getsockname()[0])


def welcome(settings: dict[str, Any], logins: list[dict[str, str]]) -> str:
    """What the operator reads once the server listens."""
    host, port, public = settings["HOST"], settings["PORT"], settings["PUBLIC_URL"]
    everywhere = host in ("0.0.0.0", "::")
    lines = ["", f"民生票决已启动：http://{'127.0.0.1' if everywhere else host}:{port}"]
    own = _own_address()
    if everywhere and own:
        lines.append(f"本机在局域网中的地址：http://{own}:{port}")
    lines.append(f"二维码里的地址（PUBLIC_URL）：{public}")
    if "//127." in public or "//localhost" in public:
        lines.append(
            "    手机打不开这个地址。要用手机试，请执行："
            f"HOST=0.0.0.0 PUBLIC_URL=http://{own or '本机地址'}:{port} make run"
        )
    lines.append(f"数据存放在：{settings['INSTANCE_PATH']}")
    if logins:
        lines.append("演示账号（角色　用户名　密码）：")
        lines += [f"    {login['role']}　{login['username']}　{login['password']}" for login in logins]
    return "\n".join([*lines, "按 Ctrl+C 停止。", ""])


if __name__ == "__main__":
    raise SystemExit(main())
