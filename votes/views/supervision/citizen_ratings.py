"""群众评价 in the office: figures of each project, the comments and what is done with each, posters with the QR code."""

from datetime import date

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats import xlsx
from votes.exports.publication import posters
from votes.forms.base import ActionForm
from votes.forms.delivery.outcomes import CommentFilters, HandleForm
from votes.models import CitizenRating
from votes.rules.permissions import Permission as P
from votes.rules.suggestions.personal import has_numbers, pointed_out
from votes.rules.supervision import citizen_ratings as rules
from votes.services.delivery import trackings
from votes.services.supervision import citizen_ratings
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import PDF, XLSX, done, download, page_number
from votes.web.words.labels import GRADES

bp = Pages("citizen_ratings", __name__, Layout.OFFICE, audit="outcomes", url_prefix="/office/citizen-ratings")

MOST_POSTERS = 40


def _lines(year: int | None) -> list[trackings.Line]:
    return trackings.search(year=year, day=today()) if year else []


def _filters() -> tuple[CommentFilters, list[trackings.Line]]:
    """What is asked, and the projects of its year."""
    filters = CommentFilters(trackings.years(), [])
    lines = _lines(filters.year.data)
    return CommentFilters(trackings.years(), [(x.tracking.id, x.project.name) for x in lines]), lines


@bp.get("/")
@menu_item(Group.YEAR, 90, "群众评价")
@allow(P.CITIZEN_RATING_READ)
def index() -> ResponseReturnValue:
    (filters, lines), number = _filters(), page_number()
    rows, total = citizen_ratings.page(citizen_ratings.comments(filters.wanted()), number)
    return render_template(
        "supervision/citizen_ratings/index.html",
        filters=filters,
        lines=lines,
        figures=citizen_ratings.of([line.tracking.id for line in lines]),
        crowds=citizen_ratings.crowds([line.tracking.id for line in lines]),
        bounds=rules,
        rows=rows,
        total=total,
        number=number,
        waiting=citizen_ratings.waiting(),
        form=ActionForm(),
    )


COLUMNS = [
    xlsx.Column("日期", 16, "date"),
    xlsx.Column("项目名称", 32),
    xlsx.Column("评价", 10),
    xlsx.Column("意见", 60),
    xlsx.Column("答复", 40),
    xlsx.Column("公开", 8),
    xlsx.Column("转责任单位", 40),
]


@bp.post("/export")
@allow(P.CITIZEN_RATING_REPLY)
def export() -> ResponseReturnValue:
    """What citizens wrote, as a table. By a button: that it was taken out is recorded."""
    filters, _ = _filters()
    rows = citizen_ratings.export(filters.wanted(), by=me(), now=now())
    return download(xlsx.write("群众意见", COLUMNS, map(_row, rows)), "群众意见.xlsx", XLSX)


def _row(each: CitizenRating) -> list[str | date | None]:
    return [
        each.rated_on,
        each.name,
        GRADES[each.grade].word,
        each.comment,
        each.reply,
        "是" if each.published else "否",
        each.note_to_unit,
    ]


@bp.route("/<int:rating_id>", methods=["GET", "POST"])
@allow(P.CITIZEN_RATING_REPLY, rating=citizen_ratings.get)
def handle(rating: CitizenRating) -> ResponseReturnValue:
    form = HandleForm(obj=rating)
    if form.accepts(lambda: citizen_ratings.handle(rating, **form.values(), by=me(), now=now())):
        return done("已保存", "citizen_ratings.index", standing="waiting")
    return render_template(
        "supervision/citizen_ratings/handle.html",
        form=form,
        rating=rating,
        personal=has_numbers(rating.comment),
        pointed=pointed_out(rating.comment),
    ), form.status


@bp.get("/posters")
@allow(P.CITIZEN_RATING_READ)
def choose() -> ResponseReturnValue:
    filters, lines = _filters()
    return render_template(
        "supervision/citizen_ratings/posters.html", filters=filters, lines=lines, years=trackings.years()
    )


@bp.get("/posters.pdf")
@allow(P.CITIZEN_RATING_READ)
def sheets() -> ResponseReturnValue:
    """A sheet for each project chosen (`tracking`), in list order."""
    filters, lines = _filters()
    wanted = set(request.args.getlist("tracking", type=int))
    chosen = [line for line in lines if line.tracking.id in wanted][:MOST_POSTERS]
    if not chosen:
        flash("请先选择要打印的项目", "warning")
        return redirect(url_for("citizen_ratings.choose", year=filters.year.data))
    return download(posters.sheets([_poster(line) for line in chosen]), "民生码海报.pdf", PDF)


def _poster(line: trackings.Line) -> posters.Poster:
    body, project, unit = here(), line.project, line.tracking.department
    assert body is not None
    path = url_for("rate.project", body=body.code, project_id=project.id)
    return posters.Poster(
        head=f"{body.place}民生实事项目",
        title="民生码",
        about=project.name,
        lines=[
            "看进展：项目目标、进度、资金和照片",
            "评满意：满意、基本满意、不满意，每部手机每周一次",
            "提意见：不用注册，不问姓名，工作人员逐条阅看",
        ],
        url=f"{current_app.config['PUBLIC_URL']}{path}",
        foot=f"责任单位：{unit.name if unit else '未定'}　完成时限：{line.tracking.due_on.year}年{line.tracking.due_on.month}月{line.tracking.due_on.day}日",
    )
