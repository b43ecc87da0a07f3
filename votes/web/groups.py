"""Which group of processes answers a page: the voting group, or the staff group that it hands the others to.

The voting group answers what phones and screens ask during a vote. Pages of staff and citizens may take long (a PDF, a
workbook, a search, the hash of a password) and run in the staff group, so that no ballot waits for them.
"""

from flask import Flask, Response, request, session

from votes.staff_group import HANDED_OVER, Lane
from votes.web import known
from votes.web.facts import Layout, page_facts, serves_files

#: Endings of files that take long to make.
_FILES = (".pdf", ".docx", ".xlsx", ".zip")


def init(app: Flask) -> None:
    """Hand requests over before any other hook runs; register this first."""
    app.before_request(_hand_over)


def _hand_over() -> Response | None:
    if HANDED_OVER not in request.environ or in_voting_group():
        return None
    ours = "_user_id" in session or known.is_known()
    request.environ[HANDED_OVER] = Lane.SIGNED_IN if ours else Lane.STRANGERS
    return Response(status=204)


def in_voting_group() -> bool:
    """Return whether the process that took the request answers it.

    Forms with files do not: pictures and workbooks are read before the view is called.
    """
    if request.endpoint is None:  # no page at all: strangers ask for thousands of them
        return False
    if request.mimetype == "multipart/form-data":
        return False
    if serves_files(request.endpoint):
        return True
    facts = page_facts()
    if facts.quick is not None:
        return facts.quick
    if request.path.endswith(_FILES):
        return False
    return facts.layout in (Layout.PHONE, Layout.SCREEN) and not facts.citizens
