"""Accounts for a whole roster, one batch per request.

Hashing a password takes some 50 ms, so it is done in batches, outside the write lock. The page itself carries the
initial passwords from batch to batch: the server keeps nothing but their hashes.
"""

import json

from votes.clock import now
from votes.db import db
from votes.services.people import roster_accounts
from votes.web.identity import me
from votes.web.transaction import database, release_lock

BATCH = 40
COLUMNS = ("代表证号", "姓名", "代表团", "用户名", "初始密码")

Opened = list[str]  # in the order of COLUMNS


def open_batch(code: str) -> list[Opened]:
    """Open accounts for the next deputies of the body in scope; return none when all deputies have one.

    ``code`` is the code of the body, with which usernames begin.
    """
    scope = db.session.scope
    release_lock()
    with database().work(write=False, scope=scope):
        waiting = roster_accounts.deputies_without_account()[:BATCH]
    prepared = roster_accounts.prepare(waiting, code=code)
    fresh = roster_accounts.open_all(prepared, by=me(), now=now())
    return [[a.number, a.name, a.delegation, a.username, a.password] for a in fresh]


def pack(opened: list[Opened]) -> str:
    """Return the accounts as the text of the page's hidden field."""
    return json.dumps(opened, ensure_ascii=False, separators=(",", ":"))


def opened(packed: str | None) -> list[Opened]:
    """Return the accounts that `pack` made into ``packed``; none of any other text."""
    try:
        rows = json.loads(packed or "[]")
    except ValueError:
        return []
    if not isinstance(rows, list):
        return []
    return [
        row
        for row in rows
        if isinstance(row, list) and len(row) == len(COLUMNS) and all(isinstance(cell, str) for cell in row)
    ]
