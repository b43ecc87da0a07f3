"""群众评价 in the office: figures of each project, the comments and what is done with each, posters with the QR code."""

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.publication import posters
from votes.forms.base import ActionForm
from votes.forms.supervision.citizen_ratings import HandleForm
from votes.models import CitizenRating
from votes.rules.dates import chinese_date
from votes.rules.permissions import Permission as P
from votes.rules.suggestions.personal import has_numbers, pointed_out
from votes.rules.supervision import citizen_ratings as rules
from votes.services.delivery import trackings
from votes.services.supervision import citizen_ratings
from votes.web import filters
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import PDF, done, download, form_page, public_url
from votes.web.tables import Column, Listing, Table
from votes.web.words.labels import GRADES

bp = Pages("citizen_ratings", __name__, Layout.OFFICE, audit="outcomes", url_prefix="/office/citizen-ratings")

MOST_POSTERS = 40


def _newest_year(choices: Sequence[filters.Choice]) -> Any:
    """Return the newest year, unless the reader asks for all years or for the comments that wait in any year."""
    if "year" in request.args or request.args.get("standing"):
        return None
    return next((year for year, _ in choices if year), None)


COMMENTS = Table(
    "comments",
    title="群众意见",
    empty="还没有群众意见。请先打印民生码海报，张贴在项目现场，群众扫码即可评价。",
    unfit="没有符合条件的意见。",
    page="citizen_ratings.index",
    export="citizen_ratings.export",
    search=citizen_ratings.SEARCH,
    paged=True,
    filters=[
        replace(filters.year(trackings.years, "全部年度"), default=_newest_year, narrows=False),
        filters.Filter("tracking_id", "项目", filters.LATER, "全部项目", read=filters.an_id),
        filters.Filter("grade", "评价", [(key, grade.word) for key, grade in GRADES.items()], "全部评价"),
        filters.Filter(
            "standing", "处理情况", [(k, word) for k, (word, _) in citizen_ratings.STANDINGS.items()], "全部"
        ),
        filters.words("意见中的词", 12),
        filters.order(citizen_ratings.SEARCH),
    ],
    columns=[
        Column("日期", lambda row: row.rated_on, "day", 16, css="text-nowrap"),
        Column("项目", lambda row: row.name, width=32, title="项目名称", css="name"),
        Column("评价", lambda row: GRADES[row.grade].word, width=10, cell="grade"),
        Column("意见", lambda row: row.comment, width=60, cell="comment", css="why told"),
        Column("处理", cell="standing"),
        Column("答复", lambda row: row.reply, width=40, page=False),
        Column("公开", lambda row: "是" if row.published else "否", width=8, page=False),
        Column("转责任单位", lambda row: row.note_to_unit, width=40, page=False),
    ],
)


class RatedProject(NamedTuple):
    """A project and the numbers of its ratings."""

    line: trackings.TrackedProject
    counts: rules.RatingCounts


RATED_PROJECTS = Table(
    "rated_projects",
    title="各项目的群众评价人次",
    empty="",
    columns=[
        Column("编号", lambda row: row.line.project.number, "number", blank="—"),
        Column("项目", cell="project", css="name"),
        *(Column(each.word, attrgetter(f"counts.{grade}"), "count") for grade, each in GRADES.items()),
        Column("合计（人次）", lambda row: row.counts.total, "count"),
        Column("满意和基本满意", None, "percent", cell="favourable"),
    ],
)


def _chosen() -> tuple[filters.Filters, list[trackings.TrackedProject]]:
    """Return the filters, and the projects of the year chosen."""
    chosen = COMMENTS.read_filters()
    year = chosen.chosen["year"]
    lines = trackings.search(year=year, day=today()) if year else []
    chosen.offer(tracking_id=[(line.tracking.id, line.project.name) for line in lines])
    return chosen, lines


@bp.get("/")
@menu_item(Group.YEAR, 90, "群众评价")
@allow(P.CITIZEN_RATING_READ)
def index() -> ResponseReturnValue:
    chosen, lines = _chosen()
    return render_template(
        "supervision/citizen_ratings/index.html",
        listing=Listing(COMMENTS, chosen, citizen_ratings.comments(chosen.chosen)),
        **_ratings(lines),
        bounds=rules,
        waiting=citizen_ratings.waiting(),
        form=ActionForm(),
    )


def _ratings(lines: Sequence[trackings.TrackedProject]) -> dict[str, Any]:
    """Return what the page shows of the ratings of these projects."""
    ids = [line.tracking.id for line in lines]
    counts, none = citizen_ratings.of(ids), rules.RatingCounts()
    rows = [RatedProject(line, counts.get(line.tracking.id, none)) for line in lines]
    return {"lines": lines, "rated": RATED_PROJECTS.of(rows), "crowds": citizen_ratings.crowds(ids)}


@bp.post("/export")
@allow(P.CITIZEN_RATING_REPLY)
def export() -> ResponseReturnValue:
    """Write the comments as a workbook: by POST, as the export is recorded."""
    chosen, _ = _chosen()
    rows = citizen_ratings.export(chosen.chosen, by=me(), now=now())
    return Listing(COMMENTS, chosen, rows).download()


@bp.route("/<int:rating_id>", methods=["GET", "POST"])
@allow(P.CITIZEN_RATING_REPLY, rating=citizen_ratings.get)
def handle(rating: CitizenRating) -> ResponseReturnValue:
    form = HandleForm(obj=rating)
    if form.accepts(lambda: citizen_ratings.handle(rating, **form.entry(), by=me(), now=now())):
        return done("已保存", "citizen_ratings.index", standing="waiting")
    shown = {"personal": has_numbers(rating.comment), "pointed": pointed_out(rating.comment)}
    return form_page("supervision/citizen_ratings/handle.html", form, rating=rating, **shown)


POSTERS = Table(
    "posters",
    title="选择要打印的项目",
    empty="还没有实施中的项目。票决结果公告后，选定的项目出现在这里。",
    columns=[
        Column("打印", None, "number", cell="tick"),
        Column("编号", lambda line: line.project.number, "number", blank="—"),
        Column("项目", cell="project"),
        Column("责任单位", lambda line: line.tracking.unit_name, blank="未定"),
        Column("网页", cell="page", head_hidden=True),
    ],
)


@bp.get("/posters")
@allow(P.CITIZEN_RATING_READ)
def choose() -> ResponseReturnValue:
    chosen, lines = _chosen()
    context = {"year": chosen.fields["year"], "listing": POSTERS.of(lines)}
    return render_template("supervision/citizen_ratings/posters.html", **context)


@bp.get("/posters.pdf")
@allow(P.CITIZEN_RATING_READ)
def sheets() -> ResponseReturnValue:
    """Print a sheet for each project chosen (`tracking`), in list order."""
    chosen, lines = _chosen()
    ids = set(request.args.getlist("tracking", type=int))
    printed = [line for line in lines if line.tracking.id in ids][:MOST_POSTERS]
    if not printed:
        flash("请先选择要打印的项目", "warning")
        return redirect(url_for("citizen_ratings.choose", year=chosen.chosen["year"]))
    return download(posters.sheets([_poster(line) for line in printed]), "民生码海报.pdf", PDF)


PROMISES = [
    "看进展：项目目标、进度、资金和照片",
    "评满意：满意、基本满意、不满意，每部手机每周一次",
    "提意见：不用注册，不问姓名，工作人员逐条阅看",
]


def _poster(line: trackings.TrackedProject) -> posters.Poster:
    body, project = here(), line.project
    assert body is not None
    return posters.Poster(
        head=f"{body.place}民生实事项目",
        title="民生码",
        about=project.name,
        lines=PROMISES,
        url=public_url("rate.project", body=body.code, project_id=project.id),
        foot=f"责任单位：{line.tracking.unit_name or '未定'}　完成时限：{chinese_date(line.tracking.due_on)}",
    )
