"""Accounts: list, open, change, reset, stop; accounts for the whole roster."""

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.exports.formats import xlsx
from votes.forms.base import ActionForm
from votes.forms.people.accounts import UserForm
from votes.models import Body, User
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import Role
from votes.rules.permissions import Permission as P
from votes.services.people import accounts, bodies, departments, roster_accounts
from votes.web import accounts as batches, filters
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.filters import Filter
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import XLSX, done, download, form_page
from votes.web.tables import Column, Table
from votes.web.transaction import reading, release_lock
from votes.web.words.labels import label

bp = Pages("users", __name__, Layout.OFFICE, audit="users", url_prefix="/office/users")


def _bodies() -> list[Body]:
    """Return the bodies to choose from: all for the system administrator who looks at none, else none."""
    return bodies.all_bodies() if _sees_all() else []


def _sees_all() -> bool:
    return not me().body_id


def _role_words(user: User) -> str:
    return "、".join(label(role).word for role in sorted(each.role for each in user.roles))


USERS = Table(
    "users",
    title="账号",
    empty="没有符合条件的账号。请放宽条件再找。",
    page="users.index",
    export="users.export",
    search=accounts.SEARCH,
    paged=True,
    css="table-hover",
    filters=[
        filters.words("姓名、用户名"),
        filters.of_enum("role", "角色", Role, "全部角色"),
        Filter("active", "状态", [("yes", "使用中"), ("no", "已停用")], "全部状态"),
        filters.of_rows("body_id", "所属人大", _bodies, "全部人大", hidden=lambda _: not _sees_all()),
    ],
    columns=[
        Column("用户名", lambda row: row.username, width=22, cell="username"),
        Column("姓名", lambda row: row.name, width=14, css="text-nowrap"),
        Column("角色", _role_words, width=18, css="text-nowrap"),
        Column("所属人大", lambda row: row.body.name if row.body else "", width=26, page=False),
        Column("所属人大", lambda row: row.body and row.body.name, blank="（系统）", shown=_sees_all),
        Column("责任单位", lambda row: row.department.name if row.department else "", width=20),
        Column("手机号", lambda row: row.phone, width=16, css="text-nowrap"),
        Column("状态", lambda row: "使用中" if row.active else "已停用", width=10, page=False),
        Column("上次登录", lambda row: row.last_login_at, "moment", 22, css="text-nowrap", blank="尚未登录"),
        Column("状态", cell="active"),
    ],
)


@bp.get("/")
@menu_item(Group.PEOPLE, 40, "账号")
@allow(P.USER_MANAGE)
def index() -> ResponseReturnValue:
    return render_template("people/accounts/index.html", listing=USERS.read(accounts.search))


@bp.get("/export.xlsx")
@allow(P.USER_MANAGE)
def export() -> Response:
    return USERS.read(accounts.search).download()


def _form(user: User | None) -> UserForm:
    sysadmin = Role.SYSADMIN in me().roles and _sees_all() and (user is None or user.body_id is None)
    choices = [] if user else _bodies()
    return UserForm(by_sysadmin=sysadmin, bodies=choices, departments=_units(user), user=user)


def _units(user: User | None) -> Any:
    """Return the units to choose from; for a new account of any body, by body."""
    none, names = [("", "（不属于责任单位）")], departments.names_by_body()
    if user is None and _bodies():
        return {"": none} | {body.name: names[body.id] for body in _bodies() if body.id in names}
    body_id = user.body_id if user else me().body_id
    return [*none, *names.get(body_id or 0, [])]


@bp.route("/new", methods=["GET", "POST"])
@allow(P.USER_MANAGE, "user.create")
def new() -> ResponseReturnValue:
    form = _form(None)
    if form.body_id is not None and request.method == "GET":
        form.body_id.data = request.args.get("body_id", type=int)
    if form.accepts(lambda: _create(form)):
        user, password = form.outcome
        return render_template("people/accounts/password.html", user=user, password=password, fresh=True)
    return form_page("people/accounts/edit.html", form, user=None)


def _create(form: UserForm) -> tuple[User, str]:
    body_id = form.body_id.data if form.body_id is not None else me().body_id
    typed = form.username.data or "", form.values(body_id)
    return accounts.create_user(*typed, by=me(), now=now(), release=release_lock)


@bp.route("/<int:user_id>", methods=["GET", "POST"])
@allow(P.USER_MANAGE, "user.edit", user=accounts.get_user)
def edit(user: User) -> ResponseReturnValue:
    form = _form(user)
    if form.accepts(lambda: accounts.edit_user(user, form.values(), by=me(), now=now())):
        return done(f"已保存：{user.name}", "users.index")
    return form_page("people/accounts/edit.html", form, user=user, waits=accounts.waits(user, now()))


@bp.post("/<int:user_id>/reset")
@allow(P.USER_MANAGE, "user.reset_password", user=accounts.get_user)
def reset(user: User) -> ResponseReturnValue:
    password = accounts.reset_password(user, by=me(), now=now(), release=release_lock)
    return render_template("people/accounts/password.html", user=user, password=password, fresh=False)


@bp.post("/<int:user_id>/second-factor")
@allow(P.USER_MANAGE, "user.reset_second_factor", user=accounts.get_user)
def reset_second_factor(user: User) -> ResponseReturnValue:
    accounts.reset_second_factor(user, by=me(), now=now())
    return done(f"已重置两步验证：{user.name}。本人下次登录只用密码", "users.edit", user_id=user.id)


@bp.post("/<int:user_id>/unlock")
@allow(P.USER_MANAGE, "user.unlock", user=accounts.get_user)
def unlock(user: User) -> ResponseReturnValue:
    accounts.unlock(user, by=me(), now=now())
    return done(f"已解除等待，{user.name}可以再试", "users.edit", user_id=user.id)


@bp.post("/<int:user_id>/active")
@allow(P.USER_MANAGE, "user.active", user=accounts.get_user)
def active(user: User) -> ResponseReturnValue:
    accounts.set_active(user, not user.active, by=me(), now=now())
    return done(f"{'已启用' if user.active else '已停用'}账号：{user.name}", "users.index")


# --- accounts for the whole roster -------------------------------------------------------------------------


@bp.route("/deputies", methods=["GET", "POST"])
@allow(P.ROSTER_EDIT, "user.open_deputies")
def deputies() -> ResponseReturnValue:
    form = ActionForm()
    opened = batches.opened(request.form.get("opened"))
    body = here()
    assert body is not None
    if form.accepts(lambda: batches.open_batch(body.code)):
        opened += form.outcome
    shown = {"packed": batches.pack(opened), "left": len(roster_accounts.deputies_without_account())}
    return form_page("people/accounts/deputies.html", form, opened=opened, code=body.code, **shown)


@bp.post("/deputies/passwords.xlsx")
@allow(P.ROSTER_EDIT)
@reading
def passwords() -> Response:
    """Return the initial passwords that the page sends: nothing else has them."""
    opened = batches.opened(request.form.get("opened"))
    if not opened:
        raise RuleBroken("没有可下载的初始密码。已离开开通页面的，请逐个重置密码。", status=422)
    columns = [xlsx.SheetColumn(*c) for c in zip(batches.COLUMNS, (14, 12, 18, 24, 16), strict=True)]
    return download(xlsx.write("代表账号初始密码", columns, opened), "代表账号初始密码.xlsx", XLSX)
