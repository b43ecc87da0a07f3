"""责任单位."""

from flask import render_template
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.people.departments import DepartmentForm
from votes.models import Department
from votes.rules.permissions import Permission as P
from votes.services.people import accounts, departments
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.pages import done, form_page
from votes.web.tables import Column, Listing, Table, add_export

bp = Pages("departments", __name__, Layout.OFFICE, audit="departments", url_prefix="/office/departments")


DEPARTMENTS = Table(
    "departments",
    title="责任单位",
    empty="还没有责任单位。请先新增承担项目的单位，再为它们设立账号。",
    page="departments.index",
    export="departments.export",
    css="table-hover",
    columns=[
        Column("单位名称", lambda row: row.name, width=30, cell="name"),
        Column("负责人", lambda row: row.head, width=14),
        Column("联系方式", lambda row: row.contact, width=22),
        Column("使用中的账号", kind="count", cell="accounts"),
        Column("状态", lambda row: "使用中" if row.active else "已停用", width=10, cell="active"),
        Column("办理", cell="acts", css="text-end", head_hidden=True),
    ],
)


def _list() -> Listing:
    return DEPARTMENTS.read(lambda chosen: departments.all_departments())


@bp.get("/")
@menu_item(Group.PEOPLE, 30, "责任单位")
@allow(P.DEPARTMENT_MANAGE)
def index() -> ResponseReturnValue:
    return render_template(
        "people/departments/index.html", listing=_list(), accounts=accounts.accounts_by_department()
    )


add_export(bp, "/export.xlsx", P.DEPARTMENT_MANAGE, _list)


@bp.route("/new", methods=["GET", "POST"])
@allow(P.DEPARTMENT_MANAGE, "department.create")
def new() -> ResponseReturnValue:
    form = DepartmentForm()
    if form.accepts(lambda: departments.save(None, **form.values, active=True, by=me(), now=now())):
        return done(f"已新增责任单位：{form.outcome.name}", "departments.index")
    return form_page("people/departments/edit.html", form, department=None)


@bp.route("/<int:department_id>", methods=["GET", "POST"])
@allow(P.DEPARTMENT_MANAGE, "department.edit", department=departments.get)
def edit(department: Department) -> ResponseReturnValue:
    form = DepartmentForm(obj=department)
    if form.accepts(
        lambda: departments.save(department, **form.values, active=department.active, by=me(), now=now())
    ):
        return done(f"已保存：{department.name}", "departments.index")
    return form_page("people/departments/edit.html", form, department=department)


@bp.post("/<int:department_id>/active")
@allow(P.DEPARTMENT_MANAGE, "停用或启用责任单位", department=departments.get)
def active(department: Department) -> ResponseReturnValue:
    departments.set_active(department, not department.active, by=me(), now=now())
    return done(f"{'已启用' if department.active else '已停用'}：{department.name}", "departments.index")
