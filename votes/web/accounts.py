"""Accounts for a whole roster, a batch a request.

Hashing takes some 50 ms each, so it is done in batches, outside the write lock. The initial passwords travel
along in the page itself from batch to batch: the server keeps nothing but their hashes.
"""

import json

from votes.clock import now
from votes.db import db
from votes.services.people import roster_accounts
from votes.web.identity import me
from votes.web.transaction import database, give_way

BATCH = 40
COLUMNS = ("代表证号", "姓名", "代表团", "用户名", "初始密码")

Opened = list[str]  # in the order of COLUMNS


def open_batch(code: str) -> list[Opened]:
    """Open the next accounts of the body in scope; ``code`` is the body's. Empty when all have one."""
    scope = db.session.scope
    give_way()
    with database().work(write=False, scope=scope):
        waiting = roster_accounts.deputies_without_account()[:BATCH]
    prepared = roster_accounts.prepare(waiting, code=code)
    fresh = roster_accounts.open_all(prepared, by=me(), now=now())
    return [[a.number, a.name, a.delegation, a.username, a.password] for a in fresh]


def pack(opened: list[Opened]) -> str:
    """For the page's hidden field."""
    return json.dumps(opened, ensure_ascii=False, separators=(",", ":"))


def opened(packed: str | None) -> list[Opened]:
    """What `pack` made; anything else is nothing."""
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
