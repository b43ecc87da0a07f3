"""Signing in and out, and one's own password."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.people.auth import CodeForm, PasswordForm, SignInForm
from votes.rules.people import passwords as rules
from votes.rules.people.roles import Role
from votes.rules.permissions import Permission as P
from votes.services.people import accounts, second_factors
from votes.web import sign_in
from votes.web.access import allow
from votes.web.facts import Layout, Pages, facts
from votes.web.identity import me, sign_in_user, sign_out
from votes.web.pages import done, form_page, safe_next

bp = Pages("auth", __name__, Layout.PUBLIC, audit="sign_in")


@bp.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
@allow(P.SIGN_IN, "user.sign_in")
def sign_in_page() -> ResponseReturnValue:
    if request.method == "GET" and me().signed_in:
        return redirect(safe_next(url_for("auth.home")))
    form = SignInForm()
    if form.accepts(lambda: sign_in.with_password(form.username.data, form.password.data)):
        return redirect(_after_password(), 303)
    return render_template("people/auth/sign_in.html", form=form), 429 if form.locked else form.status


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
    page = render_template("people/auth/second_step.html", form=form)
    return page, 429 if form.locked else form.status


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
    sign_out()
    return done("已退出登录", "auth.sign_in")


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
    if form.accepts(
        lambda: accounts.change_password(user, old=form.old.data, new=form.new.data, by=actor, now=now())
    ):
        sign_in_user(user.id, user.login_serial)
        flash("密码已修改，请牢记", "success")
        return redirect(_asked_or(url_for("auth.home")), 303)
    least = (rules.STAFF if accounts.is_staff(user) else rules.DEPUTIES)[0]
    return form_page("people/auth/password.html", form, least=least, username=user.username)
