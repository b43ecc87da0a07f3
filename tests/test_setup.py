"""A fresh folder gets ready, starts, serves, stops; and nothing in it points to one machine or network."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from tests import plumbing
from votes import serve
from votes.config import ENVIRONMENT, ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


NOT_OURS = {
    ".git", ".venv", "instance", "build", "vendor", "test-results", "screenshots", "__pycache__",
    ".pytest_cache", ".hypothesis", ".mypy_cache", ".ruff_cache", ".import_linter_cache",
}  # fmt: skip
BINARY = {".png", ".jpg", ".webp", ".ico", ".xlsx", ".docx", ".pdf", ".br", ".gz", ".pyc"}


def source_files() -> list[Path]:
    """Return the text files of this folder that are the project's own; also without git, as in an archive."""
    found = []
    for folder, below, names in os.walk(ROOT):
        below[:] = [name for name in below if name not in NOT_OURS]
        found += [Path(folder, name) for name in names if Path(name).suffix not in BINARY]
    return found


# --- what the folder says ------------------------------------------------------------------------------


def test_help_lists_every_target() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.M)
    assert targets
    shown = subprocess.check_output(["make", "--no-print-directory", "help"], cwd=ROOT, text=True)
    assert re.findall(r"^  make (\w+) +\S", shown, re.M) == targets[1].split()


def test_where_lists_a_noun_on_every_floor() -> None:
    shown = subprocess.check_output(
        ["make", "--no-print-directory", "where", "f=ballot"], cwd=ROOT, text=True
    ).split()
    assert {
        "votes/rules/voting/ballots.py",
        "votes/models/voting.py",
        "tests/rules/voting/test_ballots.py",
    } <= set(shown)
    assert [name for name in shown if "ballot" not in name] == ["votes/models/voting.py"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_once(name: str) -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text("utf-8").splitlines()]
    wanted = [line for line in lines if line and not line.startswith("-r ")]
    loose = [line for line in wanted if not re.fullmatch(r"[a-z0-9-]+(\[[a-z,]+\])?==[0-9][0-9a-z.]*", line)]
    assert loose == []
    packages = [re.split(r"[\[=]", line)[0] for line in wanted]
    assert sorted(set(packages)) == sorted(packages)


def test_there_are_files_to_look_at() -> None:
    assert {ROOT / "Makefile", ROOT / ".ci" / "run", ROOT / "votes" / "serve.py"} <= set(source_files())


def test_no_file_names_a_package_registry() -> None:
    registry = re.compile(
        r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|npmmirror|deb\.debian\.org|archive\.ubuntu\.com"
        r"|--index-url|--extra-index|cdn\.jsdelivr|unpkg\.com|cdnjs|tuna\.tsinghua|mirrors\.aliyun"
    )
    guilty = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in source_files()
        if path != Path(__file__) and (found := registry.search(path.read_text("utf-8", errors="replace")))
    ]
    assert guilty == []


def test_pages_load_nothing_from_elsewhere() -> None:
    """A link may lead elsewhere; a style sheet, script, picture or font may not come from there."""
    loads = re.compile(
        r"""<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc\s*=\s*["'](?:https?:)?//"""
        r"""|<link\b[^>]*\bhref\s*=\s*["'](?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import\s+["'](?:https?:)?//""",
        re.I,
    )
    pages = [
        p for p in source_files() if p.suffix in {".html", ".css", ".js", ".svg"} and "tests" not in p.parts
    ]
    guilty = [str(p.relative_to(ROOT)) for p in pages if loads.search(p.read_text("utf-8"))]
    assert guilty == []


def test_operations_page_lists_the_settings() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    table = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", page, re.M))
    beside = {"TRUSTED_PROXIES", "WORKERS"}  # the server's own, not the application's
    assert set(table) - beside == set(ENVIRONMENT) - beside
    assert {
        n: default for n, (default, _) in ENVIRONMENT.items() if default not in table[n].replace("`", "")
    } == {}


# --- deploy/setup.sh, on a machine made of stand-ins ----------------------------------------------------

PROGRAMS = {
    "python3.11": """
        echo "python3.11 $*" >> "$CALLS"
        case "$*" in
        *ensurepip*) exit ${NO_VENV:-0} ;;
        *version_info\\[*) echo 3.11 ;;
        *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
        *--version*) echo Python 3.11.2 ;;
        esac
        case "$0 $*" in *.venv/bin/python*pip\\ install*) exit ${PIP_EXIT:-0} ;; esac
    """,
    "dpkg-query": """
        for last; do :; done
        case " $INSTALLED " in *" $last "*) echo installed ;; *) exit 1 ;; esac
    """,
    "chromium": "exit 0",
    "apt-get": 'echo "apt-get $*" >> "$CALLS"',
    "id": 'echo "$USER_ID"',
    "sudo": '[ -n "$SUDO_WORKS" ] || exit 1; shift; echo sudo >> "$CALLS"; "$@"',
}
TOOLS = [
    "sh",
    "env",
    "cat",
    "cksum",
    "cp",
    "mv",
    "rm",
    "mkdir",
    "mktemp",
    "touch",
    "find",
    "head",
    "tail",
    "dirname",
]
FONTS = "fonts-noto-cjk libharfbuzz-subset0 libpangoft2-1.0-0"


class Machine:
    """A folder with the set-up script, and programs that only write down how they are called."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.calls = folder / "site", folder / "calls"
        programs = folder / "bin"
        for made in (self.folder / "deploy", self.folder / "static", programs):
            made.mkdir(parents=True)
        for name in ("requirements.txt", "requirements-dev.txt"):
            (self.folder / name).write_text("flask==3.1.3\n")
        shutil.copy(ROOT / "deploy" / "setup.sh", self.folder / "deploy")
        for name, text in PROGRAMS.items():
            (programs / name).write_text(f"#!/bin/sh\n{text}\n")
            (programs / name).chmod(0o755)
        for name in TOOLS:
            (programs / name).symlink_to(shutil.which(name) or name)
        self.path = str(programs)

    def setup(self, purpose: str = "run", **env: str) -> subprocess.CompletedProcess[str]:
        self.calls.write_text("")
        settings = {"INSTALLED": FONTS, "USER_ID": "1000", "SUDO_WORKS": "", **env}
        return subprocess.run(
            ["/bin/sh", "deploy/setup.sh", purpose],
            cwd=self.folder,
            env={"PATH": self.path, "CALLS": str(self.calls), **settings},
            capture_output=True,
            text=True,
        )

    def called(self, program: str) -> list[str]:
        return [line for line in self.calls.read_text().splitlines() if line.startswith(program)]

    @property
    def pip(self) -> list[str]:
        return [line.rsplit(" ", 1)[-1] for line in self.called("python3.11") if "-m pip install" in line]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_setup_makes_the_environment_once(machine: Machine) -> None:
    first = machine.setup()
    assert (first.returncode, first.stdout, machine.pip) == (0, "", ["requirements.txt"])
    second = machine.setup()
    assert (second.returncode, second.stderr, machine.pip) == (0, "", [])


def test_setup_installs_again_when_the_list_changes(machine: Machine) -> None:
    machine.setup()
    (machine.folder / "requirements.txt").write_text("flask==3.1.4\n")
    assert machine.setup().returncode == 0
    assert machine.pip == ["requirements.txt"]


def test_setup_for_tests_counts_for_running_too(machine: Machine) -> None:
    everything = FONTS + " poppler-utils zbar-tools"
    machine.setup("test", INSTALLED=everything)
    assert machine.pip == ["requirements-dev.txt"]
    machine.setup("run")
    assert machine.pip == []
    (machine.folder / "requirements-dev.txt").write_text("pytest==9.2.0\n")
    machine.setup("run")
    assert machine.pip == []
    machine.setup("test", INSTALLED=everything)
    assert machine.pip == ["requirements-dev.txt"]


def test_setup_stops_and_tries_again_when_pip_fails(machine: Machine) -> None:
    failed = machine.setup(PIP_EXIT="1")
    assert (failed.returncode, "已有数据不受影响" in failed.stderr) == (1, True)
    assert machine.setup().returncode == 0
    assert machine.pip == ["requirements.txt"]


@pytest.mark.parametrize(
    ("who", "prefix"),
    [({"USER_ID": "0"}, []), ({"USER_ID": "1000", "SUDO_WORKS": "yes"}, ["sudo"])],
    ids=["root", "sudo without a password"],
)
def test_setup_installs_what_the_system_lacks(
    machine: Machine, who: dict[str, str], prefix: list[str]
) -> None:
    done = machine.setup(INSTALLED="libpangoft2-1.0-0", **who)
    assert done.returncode == 0
    update, install = machine.called("apt-get")
    assert update.endswith(" update")
    assert install.endswith("install -y --no-install-recommends fonts-noto-cjk libharfbuzz-subset0")
    assert machine.called("sudo")[:1] == prefix


def test_setup_without_rights_says_what_to_install_and_goes_on(machine: Machine) -> None:
    done = machine.setup(INSTALLED="fonts-noto-cjk")
    assert done.returncode == 0
    assert machine.called("apt-get") == []
    assert (
        "    sudo apt-get update && "
        "sudo apt-get install -y --no-install-recommends libharfbuzz-subset0 libpangoft2-1.0-0\n"
    ) in done.stderr


def test_setup_without_a_usable_python_names_the_package(machine: Machine) -> None:
    done = machine.setup(NO_VENV="1")
    assert done.returncode == 1
    assert "--no-install-recommends python3.11-venv\n" in done.stderr
    assert not (machine.folder / ".venv").exists()


def test_setup_refuses_an_unknown_purpose(machine: Machine) -> None:
    assert machine.setup("walk").returncode == 2


# --- what other tests stand on --------------------------------------------------------------------------


def test_each_postgresql_database_is_a_fresh_copy() -> None:
    def rows(url: str) -> int:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute("INSERT INTO seen VALUES (1)")
            found = connection.execute("SELECT count(*) FROM seen").fetchone()
        assert found
        return int(found[0])

    with plumbing.pg_database() as template:
        with psycopg.connect(template.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE seen (n integer)")
        with plumbing.pg_database(template) as one, plumbing.pg_database(template) as other:
            assert (rows(one), rows(one), rows(other)) == (1, 2, 1)
        with pytest.raises(psycopg.OperationalError):
            rows(one)


def test_serve_answers_on_a_free_port() -> None:
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "here", endpoint="here")
    with plumbing.serve(app) as one, plumbing.serve(app) as other:
        assert one != other
        assert [urllib.request.urlopen(url).read() for url in (one, other)] == [b"here", b"here"]


# --- the real server -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[plumbing.RunningServer]:
    """`python -m votes.serve` on an empty folder."""
    with plumbing.serve_granian(tmp_path_factory.mktemp("fresh") / "instance") as running:
        yield running


def command(instance: Path, *words: str) -> None:
    """Run one of the application's commands on ``instance``."""
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"INSTANCE_PATH": str(instance)}
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        cwd=ROOT,
        env=env,
        check=True,
        capture_output=True,
    )


@pytest.fixture(scope="module")
def once_begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    instance = tmp_path_factory.mktemp("begun") / "instance"
    command(instance, "init-db")
    command(instance, "create-admin", "admin")
    return instance


#: A server of one process, where it does not matter how many it has.
ONE = {"WORKERS": "1"}


@pytest.fixture
def begun(once_begun: Path, tmp_path: Path) -> Path:
    """Return an instance that is in use, so that no demo is loaded into it."""
    instance = shutil.copytree(once_begun, tmp_path / "instance")
    (instance / "secret_key").unlink()
    return instance


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/healthz", "/", "/sign-in", "/bootstrap/static/css/bootstrap.min.css"])
def test_a_fresh_folder_serves(server: plumbing.RunningServer, path: str) -> None:
    assert urllib.request.urlopen(server.url + path).status == 200


@pytest.mark.slow
def test_the_server_says_where_to_go_and_who_may_sign_in(server: plumbing.RunningServer) -> None:
    assert f"民生票决已启动：{server.url}\n" in server.said
    accounts = server.said.split("演示账号（角色　用户名　密码）：\n")[1].split("按 Ctrl+C")[0]
    assert len(accounts.splitlines()) >= 6


@pytest.mark.slow
def test_no_demo_comes_into_a_database_in_use(begun: Path) -> None:
    with plumbing.serve_granian(begun, ONE) as running:
        assert "演示" not in running.said
    with sqlite3.connect(begun / "votes.db") as connection:
        assert connection.execute("SELECT username FROM users").fetchall() == [("admin",)]


@pytest.mark.slow
def test_the_key_is_made_for_the_owner_only(server: plumbing.RunningServer) -> None:
    key = server.log.parent / "instance" / "secret_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) >= 32


@pytest.mark.slow
def test_two_instances_do_not_touch_each_other(server: plumbing.RunningServer, begun: Path) -> None:
    here, there = server.log.parent / "instance", begun

    def dump(instance: Path) -> list[str]:
        with sqlite3.connect(f"file:{instance}/votes.db?mode=ro", uri=True) as connection:
            return list(connection.iterdump())

    before = dump(here)
    with plumbing.serve_granian(there, ONE) as other:
        assert other.url != server.url
        command(there, "create-admin", "only-there")
    assert "'only-there'" in "".join(dump(there))
    assert dump(here) == before
    assert (here / "secret_key").read_text() != (there / "secret_key").read_text()
    assert urllib.request.urlopen(f"{server.url}/healthz").status == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    ("signals", "nohup"),
    [
        (["SIGINT"], False),  # Ctrl+C reaches every process of the terminal
        (["SIGTERM"] * 5, True),  # make passes on what it was told itself
        (["SIGHUP"], False),  # the terminal is closed
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
def test_the_server_stops_cleanly(begun: Path, signals: list[str], nohup: bool) -> None:
    with plumbing.serve_granian(begun, nohup=nohup) as running:
        if nohup:
            os.killpg(running.process.pid, signal.SIGHUP)
            assert urllib.request.urlopen(f"{running.url}/healthz", timeout=30).status == 200
        for name in signals:
            os.killpg(running.process.pid, getattr(signal, name))
        assert running.process.wait(60) == 0
        assert "Killing" not in running.said  # what the server says of a worker that did not stop
        assert running.said.endswith("服务已停止，数据已保存。\n")
        with pytest.raises(OSError):
            urllib.request.urlopen(f"{running.url}/healthz", timeout=5)


def test_a_stop_told_while_the_bell_is_silenced_is_not_waited_for() -> None:
    told = []
    bell = serve._WakeUp(lambda: bool(told))
    bell.set()
    bell.wait()
    told.append("SIGTERM")
    bell.set()
    bell.clear()  # as the loop does once it has seen to a worker
    waiting = threading.Thread(target=bell.wait, daemon=True)
    waiting.start()
    waiting.join(10)
    assert not waiting.is_alive()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PORT": "taken"}, "没有启动：不能在 127.0.0.1:"),
        ({"PORT": "70000"}, "端口应在 1 至 65535 之间"),
        ({"PORT": "eighty"}, "PORT 和 WORKERS 应是整数"),
        ({"HASH_ALGORITHM": "md5"}, "没有启动：HASH_ALGORITHM 应为 sha256 或 sm3"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "数据库连不上"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_is_told_before_anything_starts(
    tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = {"PORT": str(plumbing.free_port())} | settings
        if settings["PORT"] == "taken":
            settings["PORT"] = str(taken.getsockname()[1])
        with (
            pytest.raises(RuntimeError, match=words),
            plumbing.serve_granian(tmp_path / "instance", settings),
        ):
            pass
