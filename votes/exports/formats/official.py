"""The wording that official documents share: percentages, spacing, the names of bodies and sessions."""

import re


def percent(part: int, whole: int) -> str:
    """Return `part` of `whole` in per cent: two decimals, half up, without floating point; "—" of nothing."""
    if whole <= 0:
        return "—"
    hundredths = (part * 20000 + whole) // (whole * 2)
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def close_up(text: str) -> str:
    """Return the text without the blanks that screens set between Chinese and figures."""
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=\d)|(?<=\d) (?=[\u4e00-\u9fff])", "", text)


def place_of(body: str) -> str:
    """Return 示例县 of 示例县人民代表大会: sessions and lists are named after the place."""
    for ending in ("常务委员会", "人民代表大会", "议事代表会", "议事代表会议"):
        body = body.removesuffix(ending) or body
    return body


def full_session(body: str, session: str) -> str:
    """Return 示例县第十八届人民代表大会第五次会议, the form in which sessions are named."""
    place = place_of(body)
    return session if session.startswith(place) else place + session


def algorithm(name: str) -> str:
    """Return the algorithm of digests as documents write it: SHA-256, SM3."""
    return {"sha256": "SHA-256", "sm3": "SM3"}.get(name, name)


def digest_lines(digests: list[tuple[str, str]], name: str, software: str) -> list[tuple[str, str]]:
    """Return the small print of a document: (label, hex) of each digest, then the software that made them."""
    lines = [(f"{label}（{algorithm(name)}）", value) for label, value in digests]
    return [*lines, ("软件版本", software)] if lines and software else lines
