"""Signing in and out, and one's own password."""

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.base import ActionForm
from votes.forms.people.auth import CodeForm, PasswordForm, SignInForm
from votes.rules.people import passwords as rules
from votes.rules.people.roles import Role
from votes.rules.permissions import Permission as P
from votes.services.people import accounts, second_factors, sign_ins
from votes.web import receipts, sign_in
from votes.web.access import allow
from votes.web.facts import Layout, Pages, facts
from votes.web.identity import me, sign_in_id, sign_in_user, sign_out
from votes.web.pages import done, form_page, safe_next
from votes.web.transaction import release_lock

bp = Pages("auth", __name__, Layout.PUBLIC, audit="sign_in")


@bp.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
@allow(P.SIGN_IN, "user.sign_in")
def sign_in_page() -> ResponseReturnValue:
    if request.method == "GET" and me().signed_in:
        return redirect(safe_next(url_for("auth.home")))
    form = SignInForm()
    if form.accepts(lambda: sign_in.with_password(form.username.data, form.password.data)):
        return redirect(_after_password(), 303)
    return form_page("people/auth/sign_in.html", form)


def _after_password() -> str:
    """Return where the right password leads: to the code, to setting one up, or to the page that was requested."""
    if sign_in.pending_user() is not None:
        return url_for("auth.second_step", next=safe_next(""))
    return _asked_or(safe_next(url_for("auth.home")))


def _asked_or(target: str) -> str:
    """Return the page of two-step sign-in for an account that is asked to set it up, else ``target``."""
    user = accounts.own(me())
    asked = user is not None and not user.must_change and second_factors.is_asked(user)
    return url_for("second_factor.show", next=target) if asked else target


@bp.route("/sign-in/code", methods=["GET", "POST"])
@allow(P.SIGN_IN, "user.second_step")
def second_step() -> ResponseReturnValue:
    form = CodeForm()
    if form.accepts(lambda: sign_in.with_code(form.code.data or "")):
        return redirect(safe_next(url_for("auth.home")), 303)
    return form_page("people/auth/second_step.html", form)


@bp.get("/home")
@allow(P.SIGNED_IN)
def home() -> ResponseReturnValue:
    actor = me()
    if actor.deputy_id is not None and not actor.roles - {Role.DEPUTY}:
        return redirect(url_for("hall.home"))
    return redirect(url_for("office.dashboard"))


@bp.post("/sign-out", endpoint="sign_out")
@facts(before_setup=True)
@allow(P.PUBLIC_READ)
def sign_out_page() -> ResponseReturnValue:
    kept = receipts.of_session()
    sign_out()
    return receipts.forget(done("已退出登录", "auth.sign_in"), kept)


@bp.route("/password", methods=["GET", "POST"])
@facts(before_setup=True)
@allow(P.SIGNED_IN, "user.password")
def password() -> ResponseReturnValue:
    actor = me()
    user = accounts.own(actor)
    if user is None:
        flash("凭票决凭证进入，无需密码", "warning")
        return redirect(url_for("hall.home"))
    form = PasswordForm()
    typed = {"old": form.old.data or "", "new": form.new.data or ""}
    if form.accepts(
        lambda: accounts.change_password(user, **typed, by=actor, now=now(), release=release_lock)
    ):
        sign_in_user(user)
        flash("密码已修改，请牢记", "success")
        return redirect(_asked_or(url_for("auth.home")), 303)
    least = (rules.STAFF if accounts.is_staff(user) else rules.DEPUTIES)[0]
    return form_page("people/auth/password.html", form, least=least, username=user.username)


@bp.get("/my/alive")
@facts(before_setup=True)
@allow(P.SIGNED_IN)
def alive() -> ResponseReturnValue:
    """Answer the page on which somebody is typing, which renews the cookie: long forms do not time out."""
    return jsonify(signed_in=True)


@bp.get("/my/sign-ins", endpoint="sign_ins")
@allow(P.SIGNED_IN)
def sign_ins_page() -> ResponseReturnValue:
    user_id = me().user_id
    if user_id is None:
        flash("凭票决凭证进入，没有登录列表。点“退出”后，用这张凭证进入的手机都会退出", "warning")
        return redirect(url_for("hall.home"))
    listed = sign_ins.of_user(user_id)
    return render_template("people/auth/sign_ins.html", sign_ins=listed, own=sign_in_id(), form=ActionForm())


@bp.post("/my/sign-ins/others")
@allow(P.SIGNED_IN, "user.sign_out_others")
def end_others() -> ResponseReturnValue:
    ended = sign_ins.end_others(sign_in_id(), by=me(), now=now())
    return done(f"已退出其他 {ended} 处登录", "auth.sign_ins")
