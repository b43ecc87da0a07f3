"""Every list shows what its Table declares: heads of page and workbook, orders, filters."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from flask import Flask, render_template_string, url_for

from tests.world import OPENERS, Year, access
from votes import create_app
from votes.db import RowSearch
from votes.rules.delivery.adjustments import AdjustmentState
from votes.web import filters, tables
from votes.web.tables import Column, Listing, Table

create_app({"SECRET_KEY": "to declare all tables", "DATABASE_URL": "sqlite://"})
TABLES = list(tables.TABLES.values())


def mistakes(table: Table) -> list[str]:
    """Return what in a declaration does not agree with the rest of it."""
    wrong = [
        f"{each.head}: neither value nor cell" for each in table.columns if not (each.value or each.cell)
    ]
    wrong += [
        f"{each.head}: no value for the workbook" for each in table.columns if each.width and not each.value
    ]
    wrong += [f"{each.head}: shown nowhere" for each in table.columns if not (each.width or each.page)]
    if bool(table.export) != any(each.width for each in table.columns):
        wrong.append("an export needs columns, columns of the workbook an export")
    names = [each.name for each in table.filters]
    conditions, orders = (
        (set(table.search.names), set(table.search.sorts)) if table.search else (set(), set())
    )
    wrong += [f"{name}: a filter without a condition" for name in names if name not in conditions | {"sort"}]
    wrong += [f"{name}: a condition without a filter" for name in sorted(conditions - set(names))]
    offered = [{value for value, _ in each.offered({})} for each in table.filters if each.name == "sort"]
    if (offered or [set()])[0] != (orders if len(orders) > 1 else set()):
        wrong.append("the orders that are offered are not those of the search")
    return wrong + [
        f"{each.sort}: no such order" for each in table.columns if each.sort and each.sort not in orders
    ]


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Return a declaration without mistakes, as arguments; forget after the test what it declares."""
    monkeypatch.setattr(tables, "TABLES", {})
    search = RowSearch(
        filters={"state": lambda row, value: row["state"] == value},
        sorts={"name": ("按名称", lambda row: row["name"]), "day": ("按日期", lambda row: row["day"])},
    )
    return {
        "name": "invented",
        "title": "{state}清单",
        "empty": "还没有内容。",
        "unfit": "没有符合条件的内容。",
        "search": search,
        "filters": [filters.of_enum("state", "状态", AdjustmentState), filters.order(search)],
        "columns": [
            Column("名称", lambda row: row["name"], sort="name", width=8),
            Column("金额", lambda row: row.get("money"), "money", width=8, title="金额（万元）", blank="—"),
            Column("状态", lambda row: row["state"], "state", 8),
            Column("办理", cell="act", printed=False),
        ],
        "export": "adjustments.export",
    }


ROWS = [
    {"name": "路", "state": AdjustmentState.APPLIED},
    {"name": "桥", "state": AdjustmentState.APPLIED, "money": 3},
]


# --- the declarations -----------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_declaration_of_each_table_agrees_with_itself(table: Table):
    assert mistakes(table) == []


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"search": None}, "state: a filter without a condition"),
        ({"filters": []}, "state: a condition without a filter"),
        ({"export": ""}, "an export needs columns, columns of the workbook an export"),
        ({"columns": [Column("名称", width=8, cell="name")]}, "名称: no value for the workbook"),
        ({"columns": [Column("名称", str, width=8, sort="size")]}, "size: no such order"),
        ({"columns": [Column("名称", str, page=False), Column("日期", str, width=8)]}, "名称: shown nowhere"),
    ],
)
def test_invented_table_with_mistake_is_found_out(invented, change, mistake):
    assert mistakes(Table(**invented)) == []
    tables.TABLES.clear()
    assert mistake in mistakes(Table(**invented | change))


def test_two_tables_of_one_name_are_refused(invented):
    Table(**invented)
    with pytest.raises(ValueError, match="invented"):
        Table(**invented)


# --- an invented list, drawn and written ----------------------------------------------------------------

PAGE = """{% from "macros/table.html" import filter_bar, table %}{% macro act(row) %}<b>{{ row.name }}</b>{% endmacro %}
{{ filter_bar(listing.filters) }}{{ table(listing, {'act': act}) }}"""


def draw(app: Flask, table: Table, query: str, rows: list[dict[str, object]]) -> tuple[str, Listing]:
    with app.test_request_context(f"/?{query}"):
        listing = table.read(lambda chosen: table.search.rows(rows, chosen))
        return " ".join(render_template_string(PAGE, listing=listing).split()), listing


def test_invented_table_is_drawn_as_declared(app, world, invented):
    page, listing = draw(app, Table(**invented), "state=applied&sort=name", ROWS)
    assert '<th scope="col"><a href="?state=applied&amp;sort=name" aria-current="true">名称</a></th>' in page
    assert '<th class="n" scope="col">金额</th>' in page
    assert '<th class="no-print" scope="col">办理</th>' in page
    state = '<td><span class="state busy"><span aria-hidden="true">◐</span> 待决定</span> </td>'
    act = '<td class="no-print"><b>桥</b></td>'
    assert f'<tr><td>桥</td><td class="n">3.00</td>{state}{act}</tr>' in page
    assert '<td>路</td><td class="n">—</td>' in page
    sheet = openpyxl.load_workbook(BytesIO(listing.workbook())).active
    assert list(sheet.iter_rows(min_row=2, values_only=True)) == [
        ("名称", "金额（万元）", "状态"),
        ("桥", 3, "待决定"),
        ("路", None, "待决定"),
    ]
    assert sheet["A1"].value == "applied清单"


def test_invented_table_has_own_title_tab_and_row_classes(app, world, invented):
    own = {
        "title": lambda chosen: f"{len(chosen)}项清单",
        "tab": "清单",
        "row_css": lambda row: "off" if row["name"] == "路" else "",
    }
    page, listing = draw(app, Table(**invented | own), "", ROWS)
    assert ('<tr class="off"><td>路</td>' in page, "<tr><td>桥</td>" in page) == (True, True)
    sheet = openpyxl.load_workbook(BytesIO(listing.workbook())).active
    assert (sheet.title, sheet["A1"].value) == ("清单", "2项清单")


def test_invented_table_with_months_has_heading_above_each_month(app, world, invented):
    days = [date(2027, 6, 1), date(2027, 6, 20), date(2027, 7, 2)]
    rows = [ROWS[0] | {"day": day} for day in days]
    page, listing = draw(app, Table(**invented | {"month": lambda row: row["day"]}), "sort=day", rows)
    heading = '<tbody><tr class="month"><th colspan="4" scope="rowgroup">2027年{}月</th></tr>'
    assert [page.count(heading.format(month)) for month in (5, 6, 7)] == [0, 1, 1]
    assert [len(part) for _, part in listing.months] == [2, 1]


def test_invented_workbook_has_sheet_for_each_further_list(app, world, invented):
    listing = draw(app, Table(**invented), "", ROWS)[1]
    more = Table(
        "more", [Column("名称", lambda row: row["name"], width=8)], title="另表", empty="", tab="另表"
    )
    with app.test_request_context():
        book = openpyxl.load_workbook(BytesIO(listing.workbook([more.of(ROWS[:1])])))
    assert book.sheetnames[1:] == ["另表"]
    assert [cell.value for cell in book["另表"]["A"]] == ["另表", "名称", "路"]


def test_invented_table_without_rows_says_why(app, world, invented):
    table = Table(**invented)
    assert "没有符合条件的内容。" in draw(app, table, "state=refused", ROWS)[0]
    assert "还没有内容。" in draw(app, table, "", [])[0]


@pytest.mark.parametrize(
    ("query", "value", "wrong"),
    [
        ("", None, False),
        ("state=", None, False),
        ("state=applied", "applied", False),
        ("state=x", None, True),
    ],
)
def test_filter_reads_query_and_points_out_nonsense(app, world, invented, query, value, wrong):
    page, listing = draw(app, Table(**invented), query, ROWS)
    assert listing.chosen["state"] == value
    assert ("“状态”填写有误，没有按它筛选。" in page) == wrong


# --- the pages ------------------------------------------------------------------------------------------


def reader_of(year: Year, url: str) -> str:
    """Return the first of those who between them may open every page."""
    return next(who for who in OPENERS if access(year.browser(who).get(url)) == "open")


def fits(table: Table, heads: list[str]) -> bool:
    """Tell whether these are the declared heads in their order, those aside that not everybody sees."""
    declared = [each for each in table.columns if each.page]
    return heads == [each.head for each in declared if not each.shown or each.head in heads]


@pytest.mark.sqlite
@pytest.mark.parametrize("table", [each for each in TABLES if each.page], ids=lambda table: table.name)
def test_page_and_workbook_of_each_table_show_what_is_declared(year: Year, table: Table):
    with year.app.test_request_context():
        url, export = url_for(table.page), table.export and url_for(table.export)
    reader = year.browser(reader_of(year, url))
    page = reader.get(url)
    heads = [[" ".join(th.text_content().split()) for th in row] for row in page.tree.xpath("//thead/tr")]
    assert any(fits(table, row) for row in heads), f"no table as {table.name} declares it: {heads}"
    for each in table.filters:
        controls = page.tree.xpath(f"//form[@role='search']//*[@name='{each.name}']")
        assert controls or each.hidden, f"no control for {each.name}"
        for value in controls and controls[0].xpath("option/@value"):
            answer = reader.get(f"{url}?{each.name}={value}")
            assert (answer.status, "填写有误" in answer.words) == (200, False), f"{each.name}={value}"
    if export:
        answer = reader.get(export)
        if answer.status == 405:  # an export that is recorded
            answer = reader.post(export)
        sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
        assert [cell.value for cell in sheet[2]] == [
            each.title or each.head for each in table.columns if each.width
        ]
