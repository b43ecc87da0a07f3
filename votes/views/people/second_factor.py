"""两步验证 of one's own account: set it up, print recovery codes, switch it off; what others did to the account."""

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.exports.formats import qr
from votes.forms.people.auth import CodeForm, EnrolForm, SwitchOffForm
from votes.models import User
from votes.rules.people.second_factor import needed_always
from votes.rules.permissions import Permission as P
from votes.services.people import accounts, second_factors
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me, sign_in_user
from votes.web.pages import form_page, safe_next
from votes.web.sign_in import counted
from votes.web.transaction import release_lock

bp = Pages(
    "second_factor", __name__, Layout.PUBLIC, audit="sign_in", before_setup=True, url_prefix="/second-factor"
)


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])


def _no_account() -> ResponseReturnValue:
    flash("凭票决凭证进入，无需两步验证", "warning")
    return redirect(url_for("hall.home"))


@bp.get("/")
@allow(P.SIGNED_IN)
def show() -> ResponseReturnValue:
    user = accounts.own(me())
    if user is None:
        return _no_account()
    return _setup(user, EnrolForm(formdata=None)) if user.second_factor is None else _settings(user)


def _setup(user: User, form: EnrolForm) -> ResponseReturnValue:
    offer = second_factors.offer(user, key=_key(), sealed=form.sealed.data or "")
    form.sealed.data = offer.sealed
    return form_page(
        "people/second_factor/setup.html",
        form,
        offer=offer,
        picture=qr.data_uri(offer.uri),
        user=user,
        demo=second_factors.is_demo(user),
        asked=second_factors.is_asked(user),
        needed=needed_always(me().roles),
        goes_on=safe_next(url_for("auth.home")),
        news=accounts.changes_of(user),
    )


def _settings(
    user: User, renewing: CodeForm | None = None, off: SwitchOffForm | None = None
) -> ResponseReturnValue:
    if user.second_factor is None:
        return _setup(user, EnrolForm(formdata=None))
    renewing, off = renewing or CodeForm(formdata=None), off or SwitchOffForm(formdata=None)
    shown = {"left": second_factors.codes_left(user), "needed": needed_always(me().roles)}
    news = accounts.changes_of(user)
    page = render_template(
        "people/second_factor/show.html", user=user, renewing=renewing, off=off, news=news, **shown
    )
    return page, max(renewing.status, off.status)


def _codes(user: User, codes: list[str]) -> ResponseReturnValue:
    """Show recovery codes, this once: nothing else has them."""
    goes_on = safe_next(url_for("auth.home"))
    return render_template("people/second_factor/codes.html", user=user, codes=codes, goes_on=goes_on)


@bp.post("/on")
@allow(P.SIGNED_IN, "user.second_factor_on")
def enrol() -> ResponseReturnValue:
    user, form = accounts.own(me()), EnrolForm()
    if user is None:
        return _no_account()
    typed = {"sealed": form.sealed.data or "", "code": form.code.data or ""}
    if form.accepts(lambda: second_factors.enrol(user, **typed, key=_key(), by=me(), now=now())):
        return _codes(user, form.outcome)
    return _setup(user, form)


@bp.post("/codes")
@allow(P.SIGNED_IN, "user.recovery_codes")
def codes() -> ResponseReturnValue:
    user, form = accounts.own(me()), CodeForm()
    if user is None:
        return _no_account()
    if form.accepts(lambda: counted(user, lambda: _renew(user, form))):
        return _codes(user, form.outcome)
    return _settings(user, renewing=form)


def _renew(user: User, form: CodeForm) -> list[str]:
    return second_factors.renew_codes(user, form.code.data or "", key=_key(), by=me(), now=now())


@bp.post("/off")
@allow(P.SIGNED_IN, "user.second_factor_off")
def off() -> ResponseReturnValue:
    user, form = accounts.own(me()), SwitchOffForm()
    if user is None:
        return _no_account()
    if form.accepts(lambda: counted(user, lambda: _switch_off(user, form))):
        sign_in_user(user)
        flash("两步验证已关闭", "success")
        return redirect(url_for("second_factor.show"), 303)
    return _settings(user, off=form)


def _switch_off(user: User, form: SwitchOffForm) -> None:
    password, code = form.password.data or "", form.code.data or ""
    second_factors.switch_off(
        user, password=password, code=code, key=_key(), by=me(), now=now(), release=release_lock
    )
