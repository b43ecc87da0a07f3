"""责任单位."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.exports.formats import xlsx
from votes.forms.people.departments import DepartmentForm
from votes.models import Department
from votes.rules.permissions import Permission as P
from votes.services.people import accounts, departments
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.pages import XLSX, done, download

bp = Pages("departments", __name__, Layout.OFFICE, audit="departments", url_prefix="/office/departments")


@bp.get("/")
@menu_item(Group.PEOPLE, 30, "责任单位")
@allow(P.DEPARTMENT_MANAGE)
def index() -> ResponseReturnValue:
    return render_template(
        "people/departments/index.html",
        departments=departments.all_departments(),
        accounts=accounts.accounts_by_department(),
    )


@bp.get("/export.xlsx")
@allow(P.DEPARTMENT_MANAGE)
def export() -> Response:
    columns = [xlsx.Column(*c) for c in (("单位名称", 30), ("负责人", 14), ("联系方式", 22), ("状态", 10))]
    rows = [
        (d.name, d.head, d.contact, "使用中" if d.active else "已停用") for d in departments.all_departments()
    ]
    return download(xlsx.write("责任单位", columns, rows), "责任单位.xlsx", XLSX)


@bp.route("/new", methods=["GET", "POST"])
@allow(P.DEPARTMENT_MANAGE, "department.create")
def new() -> ResponseReturnValue:
    form = DepartmentForm()
    if form.accepts(lambda: departments.save(None, **form.values, active=True, by=me(), now=now())):
        return done(f"已新增责任单位：{form.outcome.name}", "departments.index")
    return render_template("people/departments/edit.html", form=form, department=None), form.status


@bp.route("/<int:department_id>", methods=["GET", "POST"])
@allow(P.DEPARTMENT_MANAGE, "department.edit", department=departments.get)
def edit(department: Department) -> ResponseReturnValue:
    form = DepartmentForm(obj=department)
    if form.accepts(
        lambda: departments.save(department, **form.values, active=department.active, by=me(), now=now())
    ):
        return done(f"已保存：{department.name}", "departments.index")
    return render_template("people/departments/edit.html", form=form, department=department), form.status


@bp.post("/<int:department_id>/active")
@allow(P.DEPARTMENT_MANAGE, "停用或启用责任单位", department=departments.get)
def active(department: Department) -> ResponseReturnValue:
    departments.set_active(department, not department.active, by=me(), now=now())
    return done(f"{'已启用' if department.active else '已停用'}：{department.name}", "departments.index")
