"""建议办理 in the office: the work list, matters, their outcome, the 储备库."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats import xlsx
from votes.forms.base import number
from votes.forms.suggestions.matters import (
    DecideForm,
    MatterFilters,
    MatterForm,
    MatterSettingsForm,
    ReplyForm,
    ReserveFilters,
    TransferForm,
    WaitingFilters,
)
from votes.models import Matter, Suggestion
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P, may
from votes.rules.projects.text import differences
from votes.rules.suggestions import matters as rules
from votes.rules.suggestions.personal import pointed_out
from votes.services.delivery import trackings
from votes.services.people import departments, villages
from votes.services.suggestions import decisions, matters, merging, stories, suggestions, transfers
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import XLSX, done, download, page_number
from votes.web.words.labels import label

bp = Pages("matters", __name__, Layout.OFFICE, audit="matters", url_prefix="/office/matters")


def _years() -> tuple[list[int], int]:
    """The years to choose from, and the one to begin with."""
    working = matters.working_year(today())
    found = matters.years() or [working]
    return found, working if working in found else found[0]


# --- the list ------------------------------------------------------------------------------------------


def _filters() -> MatterFilters:
    years, latest = _years()
    return MatterFilters(years, departments.all_departments(), latest)


@bp.get("/")
@menu_item(Group.YEAR, 20, "建议办理")
@allow(P.MATTER_READ)
def index() -> ResponseReturnValue:
    filters = _filters()
    wanted = filters.wanted(today())
    year = wanted.year or today().year
    return render_template(
        "suggestions/matters/index.html",
        filters=filters,
        year=year,
        rows=matters.page(matters.search(wanted), page_number()),
        total=matters.count(wanted),
        number=page_number(),
        counts=matters.counts(wanted),
        waiting=sum(merging.waiting_counts(merging.Waiting(year)).values()),
        funnel=stories.funnel(year),
        place=matters.here(),
        today=today(),
        rules=rules,
    )


@bp.get("/export.xlsx")
@allow(P.MATTER_READ)
def export() -> ResponseReturnValue:
    wanted = _filters().wanted(today())
    return _sheet(f"{wanted.year}年建议事项", wanted)


def _sheet(title: str, wanted: matters.Filter) -> ResponseReturnValue:
    rows = matters.page(matters.search(wanted), 1, size=0)
    return download(xlsx.write(title, COLUMNS, map(_row, rows)), f"{title}.xlsx", XLSX)


COLUMNS = [
    xlsx.Column("年度", 8, "int"),
    xlsx.Column("编号", 8, "int"),
    xlsx.Column("事项名称", 36),
    xlsx.Column("类别", 10),
    xlsx.Column("村（社区）", 18),
    xlsx.Column("建议数", 8, "int"),
    xlsx.Column("内容摘要", 60),
    xlsx.Column("状态", 12),
    xlsx.Column("交办单位", 18),
    xlsx.Column("办理期限", 14, "date"),
    xlsx.Column("单位意见", 40),
    xlsx.Column("处理结果", 12),
    xlsx.Column("理由", 40),
    xlsx.Column("确定日期", 14, "date"),
    xlsx.Column("答复日期", 14, "date"),
    xlsx.Column("对应项目", 30),
    xlsx.Column("项目状态", 12),
]


def _row(row: matters.Row) -> list[Any]:
    matter, sent = row.matter, row.transfer
    return [
        matter.year,
        matter.number,
        matter.title,
        matter.category,
        matter.village.full_name if matter.village else "",
        row.size,
        matter.summary,
        label(matter.state).word,
        sent.department.name if sent else "",
        sent.due_on if sent else None,
        sent.opinion if sent else "",
        label(matter.outcome).word,
        matter.reason,
        matter.decided_on,
        matter.answered_on,
        matter.project.name if matter.project else "",
        label(matter.project.state).word if matter.project else "",
    ]


# --- the work list -------------------------------------------------------------------------------------


@bp.get("/inbox")
@allow(P.MATTER_READ)
def inbox() -> ResponseReturnValue:
    years, latest = _years()
    filters = WaitingFilters(years, villages.all_villages(), latest)
    wanted = filters.wanted()
    rows = merging.waiting(wanted, page_number())
    counts = merging.waiting_counts(wanted)
    shown = counts.get(wanted.category, 0) if wanted.category is not None else sum(counts.values())
    return render_template(
        "suggestions/matters/inbox.html",
        filters=filters,
        year=wanted.year,
        rows=rows,
        number=page_number(),
        counts=counts,
        shown=shown,
        suspects=merging.suspects(rows, least=matters.here().likeness),
    )


def _ticked() -> list[Suggestion]:
    ids = [found for value in request.form.getlist("ids") if (found := number(value))]
    return merging.chosen(ids)


@bp.post("/inbox")
@allow(P.MATTER_HANDLE, "归并建议")
def file() -> ResponseReturnValue:
    """What is ticked becomes one matter, one each, or comes to a matter that there is."""
    rows, how = _ticked(), request.form.get("how")
    year = rows[0].year if rows else None
    if how == "each":
        made = merging.open_each(rows, by=me(), now=now())
        return done(f"已立为 {len(made)} 个事项", "matters.inbox", year=year)
    if how == "into":
        wanted = number(request.form.get("number"))
        matter = matters.by_number(year, wanted) if year and wanted else None
        if rows and matter is None:
            raise RuleBroken("请填写本年度已有事项的编号。没有改动。", status=422)
        matter = merging.merge(matter, rows, by=me(), now=now()) if matter else None
    else:
        matter = merging.open_matter(rows, by=me(), now=now())
    if matter is None:
        raise RuleBroken("请先勾选至少一条建议。", status=422)
    return done(f"{len(rows)} 条建议已归入第 {matter.number} 号事项", "matters.show", matter_id=matter.id)


@bp.get("/inbox/<int:suggestion_id>")
@allow(P.MATTER_READ, suggestion=suggestions.get)
def compare(suggestion: Suggestion) -> ResponseReturnValue:
    """One suggestion beside what it may be the same as."""
    least = matters.here().likeness
    found = merging.suspects_of(suggestion, least=least // 2)  # whoever looks sees the merely similar, too
    wanted = request.args.get("with", "")
    chosen = next((each for each in found if each.key == wanted), found[0] if found else None)
    other = suggestions.get(chosen.suggestion_id) if chosen and chosen.suggestion_id else None
    matter = matters.get(chosen.matter_id) if chosen and chosen.matter_id else None
    theirs = merging.text_of(other) if other else matter.summary if matter else ""
    left, right = differences(merging.text_of(suggestion), theirs)
    return render_template(
        "suggestions/matters/compare.html",
        suggestion=suggestion,
        found=found,
        chosen=chosen,
        other=other,
        matter=matter,
        left=left,
        right=right,
        least=least,
        mergeable=matter is not None and (matter.state in rules.MERGEABLE or matter.outcome == "reserve"),
    )


@bp.post("/inbox/<int:suggestion_id>")
@allow(P.MATTER_HANDLE, "归并建议", suggestion=suggestions.get)
def pair(suggestion: Suggestion) -> ResponseReturnValue:
    """The one click: together with another, into a matter, or a matter of its own."""
    other_id, matter_id = (number(request.form.get(name)) for name in ("other_id", "matter_id"))
    if matter_id:
        matter = matters.get(matter_id) or abort(404)
        merging.merge(matter, [suggestion], by=me(), now=now())
    else:
        others = merging.chosen([other_id] if other_id else [])
        if other_id and not others:
            abort(404)
        matter = merging.open_matter([suggestion, *others], by=me(), now=now())
    return done(f"已归入第 {matter.number} 号事项", "matters.inbox", year=suggestion.year)


# --- one matter ----------------------------------------------------------------------------------------


@bp.get("/<int:matter_id>")
@allow(P.MATTER_READ, matter=matters.get)
def show(matter: Matter) -> ResponseReturnValue:
    tracking = trackings.of_project(matter.project_id) if matter.project_id else None
    return render_template(
        "suggestions/matters/show.html",
        matter=matter,
        line=trackings.line(tracking, today()) if tracking else None,
        story=stories.story(matter, staff=True),
        mergeable=matter.state in rules.MERGEABLE,
        handles=may(me(), P.MATTER_HANDLE, matter),
        coming=matters.working_year(today()),
        place=matters.here(),
        today=today(),
        rules=rules,
    )


@bp.route("/<int:matter_id>/edit", methods=["GET", "POST"])
@allow(P.MATTER_HANDLE, matter=matters.get)
def edit(matter: Matter) -> ResponseReturnValue:
    form = MatterForm(matter, villages.all_villages())
    if form.accepts(lambda: matters.edit(matter, **form.values(), by=me(), now=now())):
        return done("已保存", "matters.show", matter_id=matter.id)
    return render_template("suggestions/matters/edit.html", form=form, matter=matter), form.status


@bp.post("/<int:matter_id>/split")
@allow(P.MATTER_HANDLE, matter=matters.get)
def split(matter: Matter) -> ResponseReturnValue:
    found = merging.chosen([number(request.form.get("suggestion_id")) or 0])
    if not found:
        raise RuleBroken("没有找到这条建议，页面可能已过期。没有改动，请刷新后再看。", status=422)
    if merging.split(matter, found[0], by=me(), now=now()):
        return done("已拆出，建议回到待归并", "matters.show", matter_id=matter.id)
    return done("事项已撤销，建议回到待归并", "matters.inbox", year=found[0].year)


@bp.post("/<int:matter_id>/join")
@allow(P.MATTER_HANDLE, matter=matters.get)
def join(matter: Matter) -> ResponseReturnValue:
    other = matters.by_number(matter.year, number(request.form.get("number")) or 0)
    if other is None:
        raise RuleBroken("没有这个编号的事项。没有改动，请返回核对编号。", status=422)
    merging.join(matter, other, by=me(), now=now())
    return done(f"第 {other.number} 号事项已并入", "matters.show", matter_id=matter.id)


def _not_now(matter: Matter, action: str) -> bool:
    """Whether a form is asked for that the matter's state has no use for; its page says what comes next."""
    return request.method == "GET" and action not in rules.MATTER[matter.state]


@bp.route("/<int:matter_id>/transfer", methods=["GET", "POST"])
@allow(P.MATTER_HANDLE, "transfer.send", matter=matters.get)
def transfer(matter: Matter) -> ResponseReturnValue:
    if _not_now(matter, "transfer"):
        return redirect(url_for("matters.show", matter_id=matter.id))
    form = TransferForm(departments.all_departments(), matters.here(), today())
    if form.accepts(lambda: transfers.send(matter, **form.values(), by=me(), now=now())):
        return done(f"已交{form.outcome.department.name}办理", "matters.show", matter_id=matter.id)
    return render_template("suggestions/matters/transfer.html", form=form, matter=matter), form.status


@bp.post("/<int:matter_id>/recall")
@allow(P.MATTER_HANDLE, matter=matters.get)
def recall(matter: Matter) -> ResponseReturnValue:
    sent = transfers.recall(matter, by=me(), now=now())
    return done(f"已撤回对{sent.department.name}的交办", "matters.show", matter_id=matter.id)


@bp.route("/<int:matter_id>/decide", methods=["GET", "POST"])
@allow(P.MATTER_HANDLE, "matter.decide", matter=matters.get)
def decide(matter: Matter) -> ResponseReturnValue:
    if _not_now(matter, "decide"):
        return redirect(url_for("matters.show", matter_id=matter.id))
    answered = [each for each in matter.transfers if each.proposal]
    form = DecideForm(matter, decisions.linkable(matter), answered[-1].proposal if answered else None)
    if form.accepts(
        lambda: decisions.decide(matter, rules.Outcome(form.result.data), **form.values(), by=me(), now=now())
    ):
        return done(f"处理结果：{label(matter.outcome).word}", "matters.show", matter_id=matter.id)
    return render_template(
        "suggestions/matters/decide.html",
        form=form,
        matter=matter,
        sent=answered[-1:],
        pointed=pointed_out(f"{matter.title}\n{matter.summary}"),
    ), form.status


@bp.route("/<int:matter_id>/reply", methods=["GET", "POST"])
@allow(P.MATTER_HANDLE, "matter.answer", matter=matters.get)
def reply(matter: Matter) -> ResponseReturnValue:
    if request.method == "GET" and matter.outcome is None:
        return redirect(url_for("matters.show", matter_id=matter.id))
    form = ReplyForm(obj=matter)
    if form.accepts(lambda: decisions.reply(matter, form.answer.data or "", by=me(), now=now())):
        return done("答复已保存，建议人凭查询码可以看到", "matters.show", matter_id=matter.id)
    return render_template("suggestions/matters/reply.html", form=form, matter=matter), form.status


@bp.post("/<int:matter_id>/reopen")
@allow(P.MATTER_HANDLE, matter=matters.get)
def reopen(matter: Matter) -> ResponseReturnValue:
    decisions.reopen(matter, by=me(), now=now())
    return done("已恢复为待办理，原来的处理结果保留在记录中", "matters.show", matter_id=matter.id)


# --- 储备库 --------------------------------------------------------------------------------------------


@bp.get("/reserve")
@allow(P.MATTER_READ)
def reserve() -> ResponseReturnValue:
    filters = ReserveFilters(matters.years())
    wanted = filters.wanted(today())
    return render_template(
        "suggestions/matters/reserve.html",
        filters=filters,
        rows=matters.page(matters.search(wanted), page_number()),
        total=matters.count(wanted),
        number=page_number(),
        coming=matters.working_year(today()),
    )


@bp.get("/reserve/export.xlsx")
@allow(P.MATTER_READ)
def reserve_export() -> ResponseReturnValue:
    return _sheet("储备库", ReserveFilters(matters.years()).wanted(today()))


@bp.post("/<int:matter_id>/take-up")
@allow(P.MATTER_HANDLE, "matter.take_up", matter=matters.get)
def take_up(matter: Matter) -> ResponseReturnValue:
    decisions.take_up(matter, max(matters.working_year(today()), matter.year), by=me(), now=now())
    return done(f"已取出，列为{matter.year}年第 {matter.number} 号事项", "matters.show", matter_id=matter.id)


# --- terms ---------------------------------------------------------------------------------------------


@bp.route("/settings", methods=["GET", "POST"])
@allow(P.BODY_SETTINGS, "修改办理设置")
def settings() -> ResponseReturnValue:
    body = here() or abort(404)
    form = MatterSettingsForm(matters.settings(body.id))
    if form.accepts(lambda: matters.change_settings(body, **form.values(), by=me(), now=now())):
        return done("办理设置已保存", "matters.settings")
    return render_template("suggestions/matters/settings.html", form=form), form.status
