"""How the processes of a server share the cores: who takes ballots goes first.

Niceness would do more, and too much: a starved process that holds the write lock of SQLite stops every ballot.
"""

import ctypes
import os
import platform

#: The system call sched_setattr, by processor.
_SET_ATTRIBUTES = {"x86_64": 314, "aarch64": 274}
#: The shortest slice that Linux grants. A process that wakes up with a shorter one goes before who runs (Linux 6.12 and
#: later; earlier ones let whoever has slept go first, and ignore this).
_SHORTEST = 100_000


class _Attributes(ctypes.Structure):
    """struct sched_attr of <linux/sched/types.h>."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("policy", ctypes.c_uint32),
        ("flags", ctypes.c_uint64),
        ("nice", ctypes.c_int32),
        ("priority", ctypes.c_uint32),
        ("runtime", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
        ("period", ctypes.c_uint64),
    )


def go_first() -> None:
    """Let this process run soon whenever it wakes up."""
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    number = _SET_ATTRIBUTES.get(platform.machine())
    if number is not None:
        nice = os.getpriority(os.PRIO_PROCESS, 0)
        asked = _Attributes(ctypes.sizeof(_Attributes), os.SCHED_OTHER, 0, nice, 0, _SHORTEST)
        ctypes.CDLL(None).syscall(
            number, 0, ctypes.byref(asked), 0
        )  # where it fails, the slice is the usual one


def step_back() -> None:
    """Let this process give way: of two that want the same core, one that takes ballots goes first."""
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
