"""Answers of one length on the wire, so that whoever overhears an encrypted connection cannot tell ballots apart."""

from collections.abc import Iterable

from flask import make_response
from markupsafe import escape
from werkzeug.wrappers import Response

from votes.rules.voting.ballots import BallotLine

#: Bytes of the longest page of a ballot: the page itself, and each line of it beside the words of the line.
_PAGE, _LINE = 11 * 1024, 700


def longest(lines: Iterable[BallotLine]) -> int:
    """Return the bytes that no page of a ballot with these lines is longer than, whatever was marked."""
    return _PAGE + sum(_LINE + 2 * _size(line.name) + _size(line.summary) for line in lines)


def _size(words: str) -> int:
    return len(escape(words).encode())


def padded(html: str, size: int, status: int = 200) -> Response:
    """Return an answer of ``size`` bytes with the page; neither we nor a proxy may compress it.

    A page that is longer gets a multiple of ``size``.
    """
    page = html.encode()
    fill = -(len(page) + len("<!---->")) % size
    answer = make_response(page + b"<!--" + b"." * fill + b"-->", status)
    answer.headers["Content-Encoding"] = "identity"
    answer.headers["Cache-Control"] = "no-store, no-transform"
    return answer
