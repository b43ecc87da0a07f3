"""Tracking of selected projects."""

from enum import StrEnum


class TrackingState(StrEnum):
    """End states as 宁海 reported them: 完成 / 基本完成 / 未完成."""

    RUNNING = "running"
    DONE = "done"
    BASICALLY = "basically_done"
    UNFINISHED = "unfinished"
