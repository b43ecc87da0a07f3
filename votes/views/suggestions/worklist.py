"""建议办理: the work list, filing suggestions in matters, comparing one suggestion with its suspects."""

from dataclasses import replace
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.base import number
from votes.models import Matter, Suggestion
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P, may
from votes.rules.projects.text import differences
from votes.rules.suggestions.suggestions import Channel
from votes.services.people import villages
from votes.services.suggestions import matters, merging, settings, suggestions, suspects, worklist
from votes.views.suggestions.matters import CATEGORY, YEAR, bp
from votes.web import filters
from votes.web.access import allow
from votes.web.identity import me
from votes.web.pages import done
from votes.web.tables import Column, Table

WORK_LIST = Table(
    "worklist",
    title="待归并的建议",
    caption="{year}年待归并的建议，按类别",
    empty="没有待归并的建议。征集期内收到的建议会出现在这里。",
    unfit="没有符合条件的建议。可清除条件后再看。",
    page="matters.inbox",
    search=worklist.SEARCH,
    paged=True,
    css="inbox",
    filters=[
        YEAR,
        replace(CATEGORY, choices=[*CATEGORY.offered({})[1:], (worklist.NO_CATEGORY, "未分类")]),
        filters.of_rows("village_id", "村（社区）", villages.all_villages, word="full_name"),
        filters.of_enum("channel", "来源", Channel, "全部来源"),
        filters.words("标题、内容、地点", 14),
    ],
    columns=[
        Column("选", cell="pick", css="pick", shown=lambda: may(me(), P.MATTER_HANDLE)),
        Column("编号", lambda suggestion: suggestion.number, "number"),
        Column("建议", cell="text", css="text"),
        Column("地点", cell="place"),
        Column("来源", cell="channel", css="keep"),
        Column("疑似重复", cell="suspects"),
    ],
)


@bp.get("/inbox")
@allow(P.MATTER_READ)
def inbox() -> ResponseReturnValue:
    listing = WORK_LIST.read(worklist.search)
    similar = suspects.suspects(listing.rows, least=settings.here().likeness)
    shown = {"listing": listing, "counts": worklist.counts(listing.chosen), "suspects": similar}
    return render_template("suggestions/matters/inbox.html", **shown)


@bp.post("/inbox")
@allow(P.MATTER_HANDLE, "归并建议")
def file() -> ResponseReturnValue:
    """File the chosen suggestions in one new matter, in a matter each, or in an existing matter."""
    rows = worklist.chosen(filter(None, map(number, request.form.getlist("ids"))))
    how = request.form.get("how")
    if how == "each":
        opened = merging.open_each(rows, by=me(), now=now())
        return done(f"已立为 {len(opened)} 个事项", "matters.inbox", year=rows[0].year)
    matter = _file_into(rows) if how == "into" else merging.open_matter(rows, by=me(), now=now())
    return done(f"{len(rows)} 条建议已归入第 {matter.number} 号事项", "matters.show", matter_id=matter.id)


def _file_into(rows: list[Suggestion]) -> Matter:
    """File suggestions in the matter whose number the form names."""
    if not rows:
        raise RuleBroken("请先勾选至少一条建议。", status=422)
    matter = matters.by_number(rows[0].year, number(request.form.get("number")) or 0)
    if matter is None:
        raise RuleBroken("请填写本年度已有事项的编号。没有改动。", status=422)
    return merging.merge(matter, rows, by=me(), now=now())


@bp.get("/inbox/<int:suggestion_id>")
@allow(P.MATTER_READ, suggestion=suggestions.get)
def compare(suggestion: Suggestion) -> ResponseReturnValue:
    """Show a suggestion beside a suspect; less similar ones are offered here, too."""
    least = settings.here().likeness
    similar = suspects.suspects_of(suggestion, least=least // 2)
    key = request.args.get("with", "")
    chosen = next((each for each in similar if each.key == key), similar[0] if similar else None)
    shown = {"similar": similar, "least": least} | _beside(suggestion, chosen)
    return render_template("suggestions/matters/compare.html", **shown)


def _beside(suggestion: Suggestion, chosen: suspects.Suspect | None) -> dict[str, Any]:
    """Return a suggestion, the rows of the chosen suspect, and both texts with their differences marked."""
    other = suggestions.get(chosen.suggestion_id) if chosen and chosen.suggestion_id else None
    matter = matters.get(chosen.matter_id) if chosen and chosen.matter_id else None
    text = suspects.text_of(other) if other else matter.summary if matter else ""
    texts = differences(suspects.text_of(suggestion), text)
    return {"suggestion": suggestion, "chosen": chosen, "other": other, "matter": matter, "texts": texts}


@bp.post("/inbox/<int:suggestion_id>")
@allow(P.MATTER_HANDLE, "归并建议", suggestion=suggestions.get)
def pair(suggestion: Suggestion) -> ResponseReturnValue:
    """File a suggestion in a matter, in a new matter with another suggestion, or in a matter of its own."""
    other_id, matter_id = (number(request.form.get(name)) for name in ("other_id", "matter_id"))
    if matter_id:
        matter = matters.get(matter_id) or abort(404)
        merging.merge(matter, [suggestion], by=me(), now=now())
    else:
        others = [suggestions.get(other_id) or abort(404)] if other_id else []
        matter = merging.open_matter([suggestion, *others], by=me(), now=now())
    return done(f"已归入第 {matter.number} 号事项", "matters.inbox", year=suggestion.year)
