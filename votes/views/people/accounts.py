"""Accounts: list, open, change, reset, stop; accounts for the whole roster."""

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.exports.formats import xlsx
from votes.forms.base import ActionForm
from votes.forms.people.accounts import UserFilters, UserForm
from votes.models import Body, User
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import Role
from votes.rules.permissions import Permission as P
from votes.services.people import accounts as people, bodies, departments, roster_accounts
from votes.web import accounts
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import XLSX, done, download, page_number
from votes.web.transaction import reading
from votes.web.words.filters import moment
from votes.web.words.labels import label

bp = Pages("users", __name__, Layout.OFFICE, audit="users", url_prefix="/office/users")


def _bodies() -> list[Body]:
    """Among which bodies one may choose: only the system administrator, while looking at none, at all."""
    return bodies.all_bodies() if me().body_id is None else []


@bp.get("/")
@menu_item(Group.PEOPLE, 40, "账号")
@allow(P.USER_MANAGE)
def index() -> ResponseReturnValue:
    filters = UserFilters(_bodies())
    users, total = people.page(people.search(**filters.values), page_number())
    return render_template(
        "people/accounts/index.html",
        filters=filters,
        users=users,
        total=total,
        page=page_number(),
        with_body=not me().body_id,
    )


@bp.get("/export.xlsx")
@allow(P.USER_MANAGE)
def export() -> Response:
    columns = [
        xlsx.Column(*c)
        for c in (
            ("用户名", 22),
            ("姓名", 14),
            ("角色", 18),
            ("所属人大", 26),
            ("责任单位", 20),
            ("手机号", 16),
        )
    ] + [xlsx.Column("状态", 10), xlsx.Column("上次登录", 22)]
    rows = [
        (
            user.username,
            user.name,
            "、".join(label(r.role).word for r in user.roles),
            user.body.name if user.body else "",
            user.department.name if user.department else "",
            user.phone,
            "使用中" if user.active else "已停用",
            moment(user.last_login_at),
        )
        for user in people.everyone(people.search(**UserFilters(_bodies()).values))
    ]
    return download(xlsx.write("账号", columns, rows), "账号.xlsx", XLSX)


def _form(user: User | None) -> UserForm:
    sysadmin = Role.SYSADMIN in me().roles
    choices: Any = [("", "（不属于责任单位）")]
    if user is None and _bodies():
        by_body = departments.names_by_body()
        choices = {"": choices} | {b.name: by_body[b.id] for b in _bodies() if b.id in by_body}
    else:
        body_id = user.body_id if user else me().body_id
        choices += departments.names_by_body().get(body_id, []) if body_id else []
    return UserForm(
        by_sysadmin=sysadmin and (user is None or user.body_id is None) and me().body_id is None,
        bodies=_bodies() if user is None else [],
        departments=choices,
        user=user,
    )


@bp.route("/new", methods=["GET", "POST"])
@allow(P.USER_MANAGE, "user.create")
def new() -> ResponseReturnValue:
    form = _form(None)
    if form.body_id is not None and request.method == "GET":
        form.body_id.data = request.args.get("body_id", type=int)
    if form.accepts(lambda: _create(form)):
        user, password = form.outcome
        return render_template("people/accounts/password.html", user=user, password=password, fresh=True)
    return render_template("people/accounts/edit.html", form=form, user=None), form.status


def _create(form: UserForm) -> tuple[User, str]:
    body_id = form.body_id.data if form.body_id is not None else me().body_id
    return people.create_user(
        username=form.username.data or "", body_id=body_id, by=me(), now=now(), **form.values
    )


@bp.route("/<int:user_id>", methods=["GET", "POST"])
@allow(P.USER_MANAGE, "user.edit", user=people.get_user)
def edit(user: User) -> ResponseReturnValue:
    form = _form(user)
    if form.accepts(lambda: people.edit_user(user, by=me(), now=now(), **form.values)):
        return done(f"已保存：{user.name}", "users.index")
    return render_template("people/accounts/edit.html", form=form, user=user), form.status


@bp.post("/<int:user_id>/reset")
@allow(P.USER_MANAGE, "user.reset_password", user=people.get_user)
def reset(user: User) -> ResponseReturnValue:
    password = people.reset_password(user, by=me(), now=now())
    return render_template("people/accounts/password.html", user=user, password=password, fresh=False)


@bp.post("/<int:user_id>/active")
@allow(P.USER_MANAGE, "user.active", user=people.get_user)
def active(user: User) -> ResponseReturnValue:
    wanted = not user.active
    people.set_active(user, wanted, by=me(), now=now())
    return done(f"{'已启用' if wanted else '已停用'}账号：{user.name}", "users.index")


# --- accounts for the whole roster -------------------------------------------------------------------------


@bp.route("/deputies", methods=["GET", "POST"])
@allow(P.ROSTER_EDIT, "user.open_deputies")
def deputies() -> ResponseReturnValue:
    form = ActionForm()
    opened = accounts.opened(request.form.get("opened"))
    body = here()
    assert body is not None
    if form.accepts(lambda: accounts.open_batch(body.code)):
        opened = [*opened, *form.outcome]
    left = len(roster_accounts.deputies_without_account())
    return (
        render_template(
            "people/accounts/deputies.html",
            form=form,
            opened=opened,
            packed=accounts.pack(opened),
            left=left,
            code=body.code,
        ),
        form.status,
    )


@bp.post("/deputies/passwords.xlsx")
@allow(P.ROSTER_EDIT)
@reading
def passwords() -> Response:
    """The initial passwords out of the page that shows them: they stand nowhere else."""
    opened = accounts.opened(request.form.get("opened"))
    if not opened:
        raise RuleBroken("没有可下载的初始密码。已离开开通页面的，请逐个重置密码。", status=422)
    columns = [xlsx.Column(*c) for c in zip(accounts.COLUMNS, (14, 12, 18, 24, 16), strict=True)]
    return download(xlsx.write("代表账号初始密码", columns, opened), "代表账号初始密码.xlsx", XLSX)
