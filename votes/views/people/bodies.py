"""Bodies: looking at one, setting up (system administrator), settings of the place (its office)."""

from flask import abort, flash, render_template, request, session
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.people.bodies import BodyForm, BodyNamesForm, SettingsForm
from votes.models import Body
from votes.rules.delivery.lights import SCHEMES
from votes.rules.people.roles import BodyKind, Role
from votes.rules.permissions import Permission as P
from votes.services.delivery import acceptances
from votes.services.people import accounts, bodies
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import done, form_page

bp = Pages("bodies", __name__, Layout.OFFICE, audit="bodies", url_prefix="/office/bodies")


@bp.post("/view")
@allow(P.SIGNED_IN)
def view_body() -> ResponseReturnValue:
    if Role.SYSADMIN in me().roles and not request.form.get("body_id"):
        session.pop("viewing", None)
        return done("现在查看：全部人大", "bodies.index")
    body_id = request.form.get("body_id", type=int)
    body = next((each for each in bodies.viewable(me()) if each.id == body_id), None) or abort(404)
    session["viewing"] = body.id
    back = "overview.index" if request.form.get("back") == "overview" else "office.dashboard"
    return done(f"现在查看：{body.name}", back)


@bp.get("/")
@menu_item(Group.SYSTEM, 20, "人大机构")
@allow(P.BODY_MANAGE)
def index() -> ResponseReturnValue:
    return render_template(
        "people/bodies/index.html", bodies=bodies.all_bodies(), accounts=accounts.accounts_by_body()
    )


@bp.route("/new", methods=["GET", "POST"])
@allow(P.BODY_MANAGE, "body.create")
def new() -> ResponseReturnValue:
    form = BodyForm([b for b in bodies.all_bodies() if b.kind == BodyKind.COUNTY])
    if form.accepts(lambda: bodies.create_body(by=me(), now=now(), **form.values)):
        flash("下一步：为它的人大办设立账号，由人大办设立其余账号。", "info")
        return done(f"已设立：{form.outcome.name}", "users.new", body_id=form.outcome.id)
    return form_page("people/bodies/edit.html", form, body=None)


@bp.route("/<int:body_id>", methods=["GET", "POST"])
@allow(P.BODY_MANAGE, "body.edit", body=bodies.get_body)
def edit(body: Body) -> ResponseReturnValue:
    form = BodyNamesForm(obj=body)
    if form.accepts(lambda: bodies.edit_body(body, **form.values, by=me(), now=now())):
        return done(f"已保存：{body.name}", "bodies.index")
    return form_page("people/bodies/edit.html", form, body=body)


@bp.route("/settings", methods=["GET", "POST"])
@menu_item(Group.SYSTEM, 10, "本级设置")
@allow(P.BODY_SETTINGS, "body.settings")
def settings() -> ResponseReturnValue:
    body = here()
    assert body is not None
    form = SettingsForm(
        body.settings, bodies.gates(body), bodies.default_rule(body, 1), bodies.organ_of(body)
    )
    if form.accepts(lambda: _save(body, form)):
        for warning in form.outcome:
            flash(warning, "warning")
        return done("本级设置已保存。已经设立的轮次不受影响。", "bodies.settings")
    return form_page("people/bodies/settings.html", form, schemes=SCHEMES.values())


def _save(body: Body, form: SettingsForm) -> list[str]:
    bodies.change_gates(body, form.gate_list, by=me(), now=now())
    bodies.change_settings(body, form.others, by=me(), now=now())
    acceptances.change_dimensions(body, form.acceptance_dimensions.data or "", by=me(), now=now())
    return bodies.change_rule(body, form.rule, by=me(), now=now())
