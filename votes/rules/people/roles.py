"""Roles, and the standing of deputies."""

from enum import StrEnum


class BodyKind(StrEnum):
    COUNTY = "county"
    TOWNSHIP = "township"
    COMMITTEE = "committee"  # 常务委员会
    STREET = "street"  # 街道议事代表会


class Role(StrEnum):
    """What an account may be. Tellers are no role: a deputy is named teller for one session."""

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
    CHIEF = "chief"
    TELLER = "teller"


class AttendanceState(StrEnum):
    PRESENT = "present"
    LEAVE = "leave"
    LEFT = "left"  # signed in and went early: not entitled in the rounds that open afterwards
