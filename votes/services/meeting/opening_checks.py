"""What the machine and the database leave open while a box is open; read before the opening, for `rules.meeting.opening_checks`."""

import ctypes
import resource
from pathlib import Path
from typing import Any

from sqlalchemy import text

from votes.db import db
from votes.models import Round

_DUMPABLE = 3  # PR_GET_DUMPABLE of <sys/prctl.h>

#: Reads what any role may read. Before PostgreSQL 15 there is no role pg_checkpoint.
_POSTGRESQL = text("""
SELECT current_setting('archive_mode') AS archive_mode, current_setting('wal_recycle') AS wal_recycle,
    current_setting('log_statement') AS log_statement,
    current_setting('log_min_duration_statement') AS slow, current_setting('log_min_duration_sample') AS slow_sample,
    current_setting('log_transaction_sample_rate')::float AS sample,
    current_setting('log_parameter_max_length_on_error') AS on_error,
    (SELECT count(*) FROM pg_replication_slots WHERE slot_type <> 'physical' OR NOT active) AS slots,
    (SELECT count(*) FROM pg_stat_replication) AS standbys,
    has_function_privilege('pg_switch_wal()', 'EXECUTE')
        AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'pg_checkpoint' AND pg_has_role(oid, 'MEMBER')) AS may_clear
""")


def is_formal(round_: Round) -> bool:
    """Tell whether somebody has to accept what stands open: a rehearsal and a demo are told, and never refused."""
    return not (round_.rehearsal or round_.session.body.is_demo)


def found(instance: Path) -> list[str]:
    """Return what stands open on this machine and in the database."""
    sqlite = db.session.get_bind().dialect.name == "sqlite"
    named = db.session.info["standbys"]
    database = [] if sqlite else of_database(db.session.execute(_POSTGRESQL).one(), named=named)
    checks = {"files": _open_files(instance), "swap": _may_swap(), "core": _may_dump()}
    return database + [point for point, stands in checks.items() if stands]


def of_database(facts: Any, *, named: int) -> list[str]:
    """Return what PostgreSQL leaves open, by its settings; ``named`` standbys are cleared by the close."""
    logs = facts.log_statement != "none" or facts.sample > 0 or facts.on_error != "0"
    checks = {
        "log_parameters": logs or facts.slow != "-1" or facts.slow_sample != "-1",
        "archive": facts.archive_mode != "off",
        "slot": facts.slots > 0,
        "standby": facts.standbys > named,
        "named_standby": 0 < facts.standbys <= named,
        "wal_recycle": facts.wal_recycle != "off",
        "wal_rights": not facts.may_clear,
    }
    return [point for point, stands in checks.items() if stands]


def _open_files(instance: Path) -> bool:
    """Tell whether other users of the machine can enter the folder of the data."""
    return bool(instance.stat().st_mode & 0o077)


def _may_swap(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> bool:
    """Tell whether memory of this process may be swapped to a disk: there is swap, and no group forbids its use."""
    try:
        if len((proc / "swaps").read_text().splitlines()) < 2:
            return False
        own = groups / (proc / "self" / "cgroup").read_text().strip().rpartition("::/")[2]
        limits = [
            folder / "memory.swap.max" for folder in (own, *own.parents) if folder.is_relative_to(groups)
        ]
        return not any(limit.exists() and limit.read_text().strip() == "0" for limit in limits)
    except OSError:  # not Linux as we know it: nothing can be said
        return True


def _may_dump() -> bool:
    """Tell whether a crash may write the memory of this process to a file."""
    return (
        bool(ctypes.CDLL(None).prctl(_DUMPABLE, 0, 0, 0, 0))
        and resource.getrlimit(resource.RLIMIT_CORE)[0] != 0
    )
