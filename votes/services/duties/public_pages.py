"""代表公开页: which deputies have a page of their own, under which URL, and what of a deputy it shows."""

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from votes.db import db
from votes.models import Body, Deputy
from votes.rules.duties import duties as rules
from votes.rules.errors import RuleBroken, invalid
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.services import audit
from votes.services.people import bodies, roster

# --- reads -----------------------------------------------------------------------------------------------


def published() -> list[Deputy]:
    """Return the deputies in office who have a page, by delegation."""
    query = roster.search({"state": DeputyState.ACTIVE})
    return list(db.session.scalars(query.where(Deputy.page_key.isnot(None))))


def paged() -> list[Deputy]:
    """Return all deputies in office, by delegation, with or without a page."""
    return roster.everyone({"state": DeputyState.ACTIVE})


def is_open(deputy: Deputy) -> bool:
    """Tell whether the public can open this deputy's page: it is closed while they are not in office."""
    return deputy.page_key is not None and deputy.state == DeputyState.ACTIVE


# --- acts ------------------------------------------------------------------------------------------------


def choose_fields(body: Body, fields: Collection[str], *, by: Actor, now: datetime) -> None:
    """Decide what the deputies' pages show. Raises RuleBroken for what is not in `rules.PUBLIC_FIELDS`."""
    if set(fields) - set(rules.PUBLIC_FIELDS):
        raise invalid("fields", "所选公开内容中有系统没有的项目，没有保存。")
    chosen = [key for key in rules.PUBLIC_FIELDS if key in fields]
    bodies.change_settings(body, {"deputy_page": {"fields": chosen}}, by=by, now=now)


def open_for(deputy_ids: Collection[int], *, by: Actor, now: datetime) -> int:
    """Give each of these deputies a page; those who have one keep it. Return how many are new.

    Raises RuleBroken for nobody, and where one of them is not in office here: then none is opened.
    """
    if not deputy_ids:
        raise RuleBroken(bodies.speak("没有选择代表。请先勾选要公开的代表。"), status=422)
    query = select(Deputy).where(Deputy.id.in_(deputy_ids), Deputy.state == DeputyState.ACTIVE)
    deputies = db.session.scalars(query.order_by(Deputy.id)).all()
    if len(deputies) < len(set(deputy_ids)):
        raise RuleBroken(bodies.speak(_NOT_IN_OFFICE))
    new = [deputy for deputy in deputies if deputy.page_key is None]
    for deputy in new:
        _set_key(deputy, _new_key(), "deputy_page.open", by=by, now=now)
    return len(new)


def renew(deputy: Deputy, *, by: Actor, now: datetime) -> None:
    """Give the page a new URL: QR codes that were printed lead nowhere any more.

    Raises RuleBroken for a deputy without a page, or not in office.
    """
    if deputy.page_key is None:
        raise RuleBroken(bodies.speak("这位代表没有公开页，请先开通。"))
    if deputy.state != DeputyState.ACTIVE:
        raise RuleBroken(bodies.speak(_NOT_IN_OFFICE))
    _set_key(deputy, _new_key(), "deputy_page.renew", by=by, now=now)


def close(deputy: Deputy, *, by: Actor, now: datetime) -> None:
    """Take the page down; its URL is gone for good. Raises RuleBroken where there is none."""
    if deputy.page_key is None:
        raise RuleBroken(bodies.speak("这位代表的公开页已经关闭。"))
    _set_key(deputy, None, "deputy_page.close", by=by, now=now)


_NOT_IN_OFFICE = "只有本级在任代表可以有公开页，没有改动。请刷新页面后重试。"


def _new_key() -> str:
    return secrets.token_urlsafe(9)


def _set_key(deputy: Deputy, key: str | None, action: str, *, by: Actor, now: datetime) -> None:
    deputy.page_key = key
    db.session.flush()
    audit.record(action, by=by, at=now, about=deputy)
