"""`@allow(Permission.X, project=projects.get)`: load the row or answer 404, then ask the permission map."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from votes.db import db
from votes.models import Body
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.permissions import Permission, may
from votes.services.meeting import bindings
from votes.web import errors, phones
from votes.web.facts import page_facts
from votes.web.identity import had_card, me, timed_out
from votes.web.transaction import refuse

View = TypeVar("View", bound=Callable[..., Any])

_TAKEN_OVER = (
    "这张凭证已改在另一部手机（或者另一个浏览器）上使用，本机已经退出。如果不是您本人改的，请立即告诉监票人。"
    "要改回本机，请再次扫描凭证上的二维码，输入凭证上的口令。"
)

#: What strangers may ask for. The URL names a body, or has the key of one of its rows; `allow` puts that body in scope.
OPEN = frozenset({Permission.PUBLIC_READ, Permission.SCREEN_READ, Permission.SIGN_IN})


def allow(
    permission: Permission, act: str = "", /, **loaders: Callable[[Any], Any]
) -> Callable[[View], View]:
    """Declare the permission of a page, and how to load the row it is about.

    ``allow(P.PROJECT_EDIT, project=projects.get)`` calls ``projects.get`` with ``project_id`` (or ``project_key`` or
    ``project``) of the URL, answers 404 for None, asks the permission map, and passes ``project`` to the view.
    ``act`` names what the page does, for refusals in the audit log: a key of `audit_actions.ACTIONS`, or Chinese words.
    """
    assert len(loaders) <= 1, "one page is about one thing"

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**kwargs: Any) -> Any:
            thing = None
            if loaders and not me().signed_in and permission not in OPEN:
                return _ask_to_sign_in()  # no body is in scope, so nothing can be loaded
            for name, load in loaders.items():
                noun = name.rstrip("_")  # `round_` is called so because `round` is a builtin
                key = next(k for k in (f"{noun}_id", f"{noun}_key", noun) if k in kwargs)
                thing = load(kwargs.pop(key))
                if thing is None:
                    abort(404)
                if permission in OPEN:
                    enter_body(thing)
                kwargs[name] = thing
            actor = me()
            if not may(actor, permission, thing):
                if not actor.signed_in:
                    return _ask_to_sign_in()
                refuse(RuleBroken("您的账号没有办理此事的权限", code="forbidden", status=403))
                abort(403)
            if (actor.must_change or actor.must_enrol) and not page_facts().before_setup:
                return _finish_setup(actor)
            return view(**kwargs)

        guarded.__permission__ = permission  # type: ignore[attr-defined]
        guarded.__act__ = act  # type: ignore[attr-defined]
        guarded.__loader__ = next(iter(loaders), None)  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def _finish_setup(actor: Actor) -> Response:
    """Send an account to what it has to do before anything else: its password, then two-step sign-in."""
    if actor.must_change:
        flash("请先修改初始密码", "warning")
        return redirect(url_for("auth.password"))
    flash("系统管理员须先开通两步验证", "warning")
    return redirect(url_for("second_factor.show"))


def enter_body(row: Any) -> None:
    """Put the body to which ``row`` belongs (or which it is) in scope for the rest of the request."""
    db.session.scope = row.id if isinstance(row, Body) else row.body_id


def _is_elsewhere(card_id: int) -> bool:
    """Tell whether the card, valid still, belongs to another browser."""
    deputy_id, bound_to = bindings.owner(card_id)
    return bound_to not in (None, phones.of_deputy(deputy_id))


def _ask_to_sign_in() -> Response:
    if (card_id := had_card()) is not None:
        if _is_elsewhere(card_id):
            return errors.page(401, "已在另一部手机上使用", _TAKEN_OVER, card=True)
        words = "请用这部手机再次扫描凭证上的二维码，或者从会场的二维码凭代表证号和口令进入。如果还是不行，请到会场服务台。"
        return errors.page(401, "请重新扫描凭证", words, card=True)
    if timed_out():
        flash("您有一段时间没有操作，系统已自动退出。请重新登录", "warning")
    if request.method == "GET" and not request.path.endswith(".json"):
        return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")))
    abort(401)
