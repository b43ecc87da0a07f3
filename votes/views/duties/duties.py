"""代表履职 in the office: everybody's year in figures, one deputy's record, and all records as documents."""

from collections.abc import Sequence
from operator import attrgetter

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.exports.formats import bundle
from votes.forms.base import ActionForm
from votes.forms.duties import read_year, year_filter
from votes.models import Body, Deputy
from votes.rules.duties.duties import (
    KIND_WORDS,
    RATE_WORDS,
    DutyKind,
    how_counted,
    meeting_word,
    rates_of_all,
)
from votes.rules.duties.records import HEADINGS
from votes.rules.errors import RuleBroken
from votes.rules.people import organs
from votes.rules.people.roles import BodyKind
from votes.rules.permissions import Permission as P
from votes.services.duties import entries, figures, public_pages, records
from votes.services.people import delegations, roster
from votes.web import download_parts, filters
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.menu import here, organ
from votes.web.pages import DOCX, PDF, download, form_page
from votes.web.tables import Column, Listing, Table, add_export
from votes.web.transaction import reading, release_lock

bp = Pages("duties", __name__, Layout.OFFICE, audit="duties", url_prefix="/office/duties")
bp.app_template_global("meeting_word")(meeting_word)
bp.app_template_global("how_counted")(how_counted)


def body_in_view() -> Body:
    """Return the body in view; 404 where there is none."""
    return here() or abort(404)


# --- everybody -------------------------------------------------------------------------------------------


def _times(part: int, whole: int) -> str:
    return f"{part}/{whole}" if whole else ""


def _votes(line: figures.DeputyYear) -> str:
    return _times(line.votes.part, line.votes.whole)


def _rate_columns(key: str, word: str) -> list[Column]:
    def times(line: figures.DeputyYear) -> str:
        share = getattr(line.rates, key)
        return _times(share.part, share.whole)

    percent = attrgetter(f"rates.{key}.percent")
    return [
        Column(word, percent, "percent", 12, cell=key, sort=key),
        Column(f"{word}（次数）", times, width=12, page=False),
    ]


def _kind_column(kind: DutyKind) -> Column:
    return Column(KIND_WORDS[kind], lambda line: line.figures.count(kind), "count", 9, page=False)


#: The columns after the rates.
FIGURE_COLUMNS = [
    Column("参加票决", _votes, "count", blank="—", sort="votes"),
    Column("参加票决和测评", _votes, width=12, page=False),
    Column("建议", cell="suggestions", kind="count", sort="suggestions"),
    Column("收集建议", attrgetter("figures.suggestions"), "count", 9, page=False),
    Column("视察", cell="inspections", kind="count", sort="inspections"),
    Column("参加视察", attrgetter("figures.inspections"), "count", 9, page=False),
    Column("监督记录", attrgetter("figures.notes"), "count", 9, page=False),
    Column("其他活动", cell="activities", kind="count", sort="activities"),
    *map(_kind_column, KIND_WORDS),
]


def _columns(kind: BodyKind) -> list[Column]:
    words, name, group = organs.of(kind), attrgetter("deputy.name"), attrgetter("deputy.delegation.name")
    return [
        Column("证号", attrgetter("deputy.number"), width=10, title=words.number, sort="number"),
        Column("姓名", name, width=14, cell="name", css="text-nowrap", sort="name"),
        Column(words.group, group, width=20, css="text-nowrap", sort="delegation"),
        *(column for key, word in RATE_WORDS[kind].items() for column in _rate_columns(key, word)),
        *FIGURE_COLUMNS,
    ]


def _filters(kind: BodyKind) -> list[filters.Filter]:
    return [
        year_filter(),
        filters.words("姓名、首字母、证号、职务", 20),
        filters.of_rows("delegation_id", organs.of(kind).group, delegations.all_delegations),
        filters.order(figures.SEARCHES[kind]),
    ]


def _table(kind: BodyKind) -> Table:
    """Declare the list of all deputies in a body of ``kind``, which decides the rates and their words."""
    words = organs.of(kind)
    return Table(
        f"duties_{kind}",
        title=lambda chosen: f"{body_in_view().place}{chosen['year']}年{words.member}履职情况",
        caption=f"{{year}}年{words.member}履职情况",
        empty=words.speak("没有符合条件的代表。请放宽条件再找。"),
        page="duties.index" if kind == BodyKind.COUNTY else "",
        export="duties.export",
        search=figures.SEARCHES[kind],
        paged=True,
        css="table-hover duty-list",
        filters=_filters(kind),
        columns=_columns(kind),
    )


TABLES = {kind: _table(kind) for kind in BodyKind}


def _list() -> tuple[list[figures.DeputyYear], Listing]:
    """Return all deputies of the year, and the list of those who fit the filters."""
    kind = body_in_view().kind
    choice = TABLES[kind].read_filters()
    everybody = figures.everybody(choice.chosen["year"], kind=kind)
    return everybody, Listing(TABLES[kind], choice, figures.SEARCHES[kind].rows(everybody, choice.chosen))


@bp.get("/")
@menu_item(Group.PEOPLE, 20, "代表履职")
@allow(P.DUTY_READ)
def index() -> ResponseReturnValue:
    kind, (everybody, listing) = body_in_view().kind, _list()
    return render_template(
        "duties/duties/index.html",
        whole=everybody,
        rates=rates_of_all(line.rates for line in everybody).named(kind),
        kind=kind,
        listing=listing,
        waiting=entries.count_waiting(),
    )


add_export(bp, "/export.xlsx", P.DUTY_READ, lambda: _list()[1])


# --- one deputy ------------------------------------------------------------------------------------------


@bp.get("/<int:deputy_id>")
@allow(P.DUTY_READ, deputy=roster.get)
def show(deputy: Deputy) -> ResponseReturnValue:
    body, (years, year) = body_in_view(), read_year()
    return render_template(
        "duties/duties/show.html",
        deputy=deputy,
        page_is_open=public_pages.is_open(deputy),
        years=years,
        year=year,
        record=records.record(deputy, year, kind=body.kind),
        entries=entries.entries_of(deputy.id, year),
        headings=HEADINGS,
        body=body,
    )


@bp.get("/<int:deputy_id>/record.<any(pdf, docx):kind>")
@allow(P.DUTY_READ, deputy=roster.get)
def paper(deputy: Deputy, kind: str) -> ResponseReturnValue:
    ((name, draw),) = records.draw([deputy], read_year()[1], body_in_view(), kind, today=today())
    return download(draw(), name, PDF if kind == "pdf" else DOCX)


# --- all documents of a year -------------------------------------------------------------------------------


@bp.get("/papers")
@allow(P.DUTY_READ)
def papers() -> ResponseReturnValue:
    years, year = read_year()
    batches = records.batches(year, kind=body_in_view().kind)
    return form_page("duties/duties/papers.html", ActionForm(), years=years, year=year, batches=batches)


@bp.post("/papers")
@reading  # makes files, changes no row: the write lock is not taken
@allow(P.DUTY_READ)
def make_papers() -> ResponseReturnValue:
    """Return all documents as one zip: those that a script had drawn (`part`, then `job`), or drawn at once.

    Without a script `whole` asks for everybody's, `only` for those of one delegation.
    """
    download_parts.sweep()
    body, (_, year) = body_in_view(), read_year()
    batches, only = records.batches(year, kind=body.kind), request.form.get("only")
    if key := request.form.get("part"):
        return _draw_part(key, batches, year, body)
    deputies = [d for each in batches if not only or only == str(each.delegation_id) for d in each.deputies]
    title = f"{body.place}{year}年{organ(body).member}履职档案"
    if only or "whole" in request.form:
        files = _draw(deputies, year, body)
        title += f"（{deputies[0].delegation.name}）" if only else ""
    else:
        names = [records.paper_name(each, year, "pdf") for each in deputies]
        files = download_parts.take(_owner(year, body), request.form.get("job", ""), names)
    return download(bundle.zipped(files), f"{title}.zip", "application/zip")


def _owner(year: int, body: Body) -> str:
    return f"duties{body.id}-{year}"


def _draw_part(key: str, batches: list[records.Batch], year: int, body: Body) -> ResponseReturnValue:
    """Draw the documents of one batch, and keep them until the script asks for the zip."""
    batch = next((each for each in batches if each.key == key), None)
    if batch is None:
        raise RuleBroken("没有这一部分，名册可能刚有变动。请刷新页面后重新下载。", status=404)
    for name, data in _draw(batch.deputies, year, body).items():
        download_parts.put(_owner(year, body), request.form.get("job", ""), name, data)
    return "", 204


def _draw(deputies: Sequence[Deputy], year: int, body: Body) -> dict[str, bytes]:
    """Return the documents by file name. All is read before the first is drawn: drawing takes seconds."""
    if not deputies:
        raise RuleBroken(organ().speak("这个代表团没有履职档案可以下载。"), status=404)
    drawings = records.draw(deputies, year, body, "pdf", today=today())
    release_lock()
    return {name: draw() for name, draw in drawings}
