"""`python -m votes.serve`: prepare the database, then serve with two groups of processes, each one process per core."""

import ctypes
import multiprocessing
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from granian.constants import Interfaces, RuntimeModes
from granian.http import HTTP1Settings
from granian.log import LogLevels
from sqlalchemy.exc import OperationalError

from votes import config, create_app, demo, migrations
from votes.anchor_sender import AnchorSender
from votes.clock import now
from votes.db import Database, workers
from votes.gateway import Gateway, call
from votes.migrations import UnknownRevisionError
from votes.scheduling import go_first, step_back
from votes.staff_group import SOCKET, Staff, StaffGroup, StaffProcesses
from votes.successors import NAME, Supervisor, VotingServer

#: Connections, idle ones included, that a process holds at most, and the files that are left for other uses.
MOST_CONNECTIONS = 65536
OWN_FILES = 256
#: Seconds that a client has to send the head of a request.
HEAD_PATIENCE = 15


def say(text: str) -> None:
    """Print a line for the operator at once; ignore a closed terminal, so that the server can still stop."""
    with suppress(OSError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def refuse(reason: str) -> int:
    """Print why the server does not start; return the exit code."""
    say(f"没有启动：{reason}")
    return 2


def main() -> int:
    """Upgrade the database, load the demo year into an empty one, print the URL, serve until stopped.

    Returns:
        The exit code: 0 after SIGTERM or Ctrl+C, 2 when it could not start (a setting, the port, the database).
    """
    try:
        settings = config.load(os.environ)
        count = int(os.environ.get("WORKERS") or len(os.sched_getaffinity(0)))
    except config.BadSetting as error:
        return refuse(f"{error}数据没有改动，改正后重新执行。")
    except ValueError as error:
        return refuse(f"PORT 和 WORKERS 应是整数（{error}）。数据没有改动，改正后重新执行。")
    host, port = settings["HOST"], settings["PORT"]
    try:
        address = _listening_address(host, port)
    except OSError as error:
        return refuse(
            f"不能在 {host}:{port} 上监听（{error.strerror or error}）。数据没有改动；"
            "请检查 HOST 和 PORT，端口被占用时可换一个，例如 PORT=8001 make run。"
        )
    try:
        logins = prepare()
    except OperationalError as error:
        return refuse(f"数据库连不上或写不进（{error.orig}）。请检查 DATABASE_URL 和磁盘后重新执行。")
    except UnknownRevisionError as error:
        return refuse(str(error))

    # No process is a copy of this one. It would share the database connections, and the file handle of the write lock:
    # a lock does not exclude processes that share its handle.
    multiprocessing.set_start_method("forkserver")
    multiprocessing.set_forkserver_preload(["votes.preloaded"])
    _protect(Path(settings["INSTANCE_PATH"]))
    staff = StaffProcesses(count, load_staff)
    os.environ[SOCKET] = staff.path
    os.environ[NAME] = workers.new_server()
    server = VotingServer(
        "votes.wsgi:application",
        address=address,
        port=port,
        interface=Interfaces.RSGI,
        websockets=False,
        workers=count,
        # In the other mode about one worker in fifty misses the signal that it has finished, and hangs until it is
        # killed (granian 2.8).
        runtime_mode=RuntimeModes.st,
        backlog=4096,
        backpressure=_connections(),
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_PATIENCE * 1000),
        respawn_failed_workers=True,
        workers_kill_timeout=15,
        log_level=LogLevels.warning,
        log_access=False,
    )
    server.main_loop_interrupt = _WakeUp(lambda: server.interrupt_signal)  # type: ignore[assignment]
    hangup = signal.getsignal(signal.SIGHUP)

    def started() -> None:
        # The server would restart on SIGHUP. A closed terminal should stop it, and under nohup change nothing.
        stop = server.signal_handler_interrupt
        signal.signal(signal.SIGHUP, signal.SIG_IGN if hangup is signal.SIG_IGN else stop)
        say(welcome(settings, logins))

    server.on_startup(started)
    database = Database(settings["DATABASE_URL"], hash_name=settings["HASH_ALGORITHM"])
    supervisor = Supervisor(database, os.environ[NAME], server, staff, Path(settings["INSTANCE_PATH"]))
    sender = AnchorSender(database, settings)
    staff.start()
    supervisor.start()
    sender.start()
    try:
        server.serve(target_loader=load_application, wrap_loader=False)  # type: ignore[arg-type]  # an RSGI object
    except SystemExit:
        # A signal to the process group kills a worker that is still starting: not a failure.
        if not server.interrupt_signal:
            raise
    finally:
        sender.stop()
        supervisor.stop()
        staff.stop()
    say("服务已停止，数据已保存。")
    return 0


def prepare() -> list[dict[str, str]]:
    """Upgrade the database to the newest migration, and load the demo year into an empty one.

    Returns:
        The logins of the demo (role, username, password); none when the database is not the demo's.
    """
    app = create_app()
    database: Database = app.extensions["votes.database"]
    migrations.upgrade(database)
    workers.forget_dead_servers(database)
    try:
        with app.app_context(), database.work():
            if demo.is_empty():
                say("数据库是空的，正在装入演示年度……")
            return demo.load_if_empty(now=now())
    finally:
        database.dispose()


def load_application() -> Gateway:
    """Return the application that a process of the voting group serves.

    A worker that receives two stop signals hangs until it is killed. So it leaves the process group: Ctrl+C and signals
    to the group reach the parent only, and the parent signals each worker once.
    """
    os.setpgid(0, 0)
    # A successor starts while halls vote: until it is ready, processes that take ballots go before it.
    step_back()
    wsgi = _enter()
    go_first()
    _end_with_parent()
    return Gateway(wsgi.application, longest=wsgi.LONGEST_BODY, staff=StaffGroup(os.environ[SOCKET]))


def load_staff() -> Staff:
    """Return what answers a request in a process of the staff group."""
    application = _enter().application
    return Staff(lambda environ, body: call(application, environ, body), workers.last_acts)


def _enter() -> ModuleType:
    """Make the application of this process, not of the parent, and write the process into the register."""
    _close_memory()
    wsgi = import_module("votes.wsgi")
    workers.enter(wsgi.database, os.environ[NAME])
    return wsgi


def _protect(instance: Path) -> None:
    """Let this process and its children hold many connections, and keep files and memory to their owner."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _close_memory()
    os.umask(0o077)
    try:
        instance.chmod(0o700)
    except OSError as error:
        say(f"数据文件夹 {instance} 的权限没有改为只有本人可读（{error.strerror}），请检查。")


def _connections() -> int:
    """Return how many connections a process may hold, by the files that the system lets it open."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_CONNECTIONS if files == resource.RLIM_INFINITY else min(files, MOST_CONNECTIONS)
    return max(most - OWN_FILES, OWN_FILES)


#: Of <sys/prctl.h>: the signal at the death of the parent, and whether others may read the memory of the process.
_PARENT_DEATH_SIGNAL, _DUMPABLE = 1, 4


def _close_memory() -> None:
    """Let no process of the same user read this one's memory, and no crash write it to a file."""
    ctypes.CDLL(None).prctl(_DUMPABLE, 0)


def _end_with_parent() -> None:
    """Let this process end when the parent is killed: nobody else would replace it at a close."""
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


class _WakeUp:
    """What wakes the main loop of the server, in place of its threading.Event.

    A signal handler must not set an Event that its own thread waits for: a second signal that arrives while the first
    one wakes the loop finds the lock of the Event held by the thread it interrupts, and blocks forever. The loop also
    clears the Event after it has read the reason; a stop that arrives between the two would be lost. So `wait` returns
    at once when ``stopping`` returns True.
    """

    def __init__(self, stopping: Callable[[], bool]) -> None:
        self._stopping = stopping
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)

    def set(self) -> None:
        """Wake the loop."""
        with suppress(BlockingIOError):  # the pipe is full, so the loop is awake
            os.write(self._writing, b"!")

    def wait(self) -> None:
        """Wait until `set` is called."""
        if not self._stopping():
            select.select([self._reading], [], [])

    def clear(self) -> None:
        """Forget earlier calls of `set`."""
        with suppress(BlockingIOError):
            while os.read(self._reading, 4096):
                pass


def _listening_address(host: str, port: int) -> str:
    """Return the IP address of ``host``; raise OSError where nothing can listen on ``port`` there.

    The sockets of the server may be shared, so it would not notice another instance on the port, and each would answer
    requests meant for the other.
    """
    if not 0 < port < 65536:
        raise OSError("端口应在 1 至 65535 之间")
    family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, proto) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
    return str(address[0])


def welcome(settings: dict[str, Any], logins: list[dict[str, str]]) -> str:
    """Return what the operator reads when the server listens."""
    host, port, public = settings["HOST"], settings["PORT"], settings["PUBLIC_URL"]
    everywhere = host in ("0.0.0.0", "::")
    lines = ["", f"民生票决已启动：http://{'127.0.0.1' if everywhere else host}:{port}"]
    own = config.own_address()
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
