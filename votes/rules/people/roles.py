"""Roles of accounts and tellers, kinds of bodies, states of deputies and of their attendance."""

from enum import StrEnum


class BodyKind(StrEnum):
    """The kinds of organs that vote."""

    COUNTY = "county"
    TOWNSHIP = "township"
    COMMITTEE = "committee"  # 常务委员会
    STREET = "street"  # 街道议事代表会


class Role(StrEnum):
    """The roles of accounts. Teller is not among them: a deputy is a teller for one session."""

    SYSADMIN = "sysadmin"
    OFFICE = "office"
    GOVERNMENT = "government"
    DEPARTMENT = "department"
    LEADER = "leader"
    DEPUTY = "deputy"


class DeputyState(StrEnum):
    """代表资格: only those in office are on the roll (代表法 2025, arts. 61–62)."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class TellerRole(StrEnum):
    """总监票人 and 监票人."""

    CHIEF = "chief"
    TELLER = "teller"


class KeyerRole(StrEnum):
    """Staff named for a session to read papers (计票人, 录入员): one of the two readings may be theirs."""

    COUNTER = "counter"
    CLERK = "clerk"


class AttendanceState(StrEnum):
    """Attendance of a deputy at one session."""

    PRESENT = "present"
    LEAVE = "leave"
    LEFT = "left"  # signed in and left early: not entitled in the rounds that open later
