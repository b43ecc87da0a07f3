"""The year's report as Word, read back: its figures are those it was given, what people must write is marked."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from docx import Document

from votes.exports.delivery.year_reports import MIDYEAR, YEAREND, AdjustmentRow, ProjectRow, YearReport, paper
from votes.exports.formats.layout import to_docx


def row(name, planned, actual, standing, money, paid, **more):
    return ProjectRow(
        name, "示例局", "年底前完成。", Decimal(planned), standing, Decimal(money), actual, Decimal(money) / 2, Decimal(paid), **more
    )  # fmt: skip


ROWS = [
    row("示例公路", "50.5", 52, "正常", "860.00", "430.10", narrative="路基完成", problems="无。", last_period="2027年5月"),
    row("示例养老院", "44", 6, "严重滞后", "1980.00", "80.05", narrative="进场施工。", problems="用地手续滞后", next_step="两班作业。", late=True),
    row("示例水厂", "100", 100, "完成", "160.00", "160.00", problems=""),
]  # fmt: skip
REPORT = YearReport(
    MIDYEAR, 2027, "示例县", "示例县人民代表大会", "第十八届人民代表大会第五次会议", date(2027, 6, 30), ROWS,
    [("完成", 1), ("正常", 1), ("严重滞后", 1)],
)  # fmt: skip


@pytest.fixture(scope="module")
def read():
    return Document(BytesIO(to_docx(paper(REPORT))))


def test_table_has_every_project_and_the_sums(read):
    rows = [[cell.text for cell in each.cells] for each in read.tables[0].rows]
    assert rows[1:] == [
        ["1", "示例公路", "示例局", "50.5%", "52%", "正常", "860.00", "430.10"],
        ["2", "示例养老院", "示例局", "44%", "6%", "严重滞后", "1,980.00", "80.05"],
        ["3", "示例水厂", "示例局", "100%", "100%", "完成", "160.00", "160.00"],
        ["", "合计（平均）", "", "64.8%", "52.7%", "", "3,000.00", "670.15"],
    ]


def test_words_have_the_figures_of_the_table(read):
    words = [p.text for p in read.paragraphs]
    assert words[0] == "关于2027年民生实事项目上半年实施情况的报告"
    assert (
        "3 项民生实事项目中，完成 1 项，正常 1 项，严重滞后 1 项。全部项目平均形象进度 52.7%，按计划应达到 64.8%。"
        in words
    )
    assert (
        "年度计划投资 3,000.00 万元，累计到位 1,500.00 万元，到位率 50%；累计拨付 670.15 万元，拨付率 22.3%。"
        in words
    )
    assert (
        "1．示例公路（示例局）。年度目标：年底前完成。进展（截至2027年5月，此后尚未报送）：路基完成。"
        in words
    )
    assert "3．示例水厂（示例局）。年度目标：年底前完成。进展：【请填写：本期没有报送进展】" in words


def test_problems_and_next_steps_are_those_reported(read):
    words = [p.text for p in read.paragraphs]
    problems = words[words.index("四、存在的主要问题") + 1 : words.index("五、下一步工作安排和建议")]
    assert problems == ["示例养老院：用地手续滞后。", "【请填写：共性问题和原因分析】"]
    assert words[words.index("五、下一步工作安排和建议") + 1] == "示例养老院：两班作业。"
    assert sum("【" in each for each in words) == 5  # all that only people can write


def test_adjustments_have_sides_organ_and_announcement():
    moved = AdjustmentRow(
        "示例水厂", "重大调整", "岩石段须爆破施工", [("完成时限", "2027年12月20日", "2028年6月30日"), ("总投资", "160.00 万元", "180.00 万元")],
        "示例县人民代表大会常务委员会", "示例常发〔2027〕21号", date(2027, 9, 28), date(2027, 9, 30),
    )  # fmt: skip
    stopped = AdjustmentRow(
        "示例公路", "暂缓实施", "汛期停工。", [], "示例县人民代表大会常务委员会", "", date(2027, 7, 1), None
    )
    small = AdjustmentRow("示例养老院", "一般调整", "顺延一月", [("完成时限", "甲", "乙")], "示例县人民代表大会常务委员会主任会议", "纪要〔2027〕3号", date(2027, 8, 1), None, owed=False)  # fmt: skip
    goes_on = row("示例水厂", "90", 78, "滞后", "160.00", "100.00", beyond="顺延", due_on=date(2028, 6, 30))
    report = YearReport(
        YEAREND, 2027, "示例县", "示例县人民代表大会", "", date(2027, 12, 31), [goes_on],
        [("滞后", 1)], [("顺延", 1)], [moved, stopped, small],
    )  # fmt: skip
    read = Document(BytesIO(to_docx(paper(report))))
    words = [p.text for p in read.paragraphs]
    assert [each for each in words if each.startswith(("1 项民生", "1．示例水厂（"))] == [
        "1 项民生实事项目中，滞后 1 项。其中顺延 1 项。全部项目平均形象进度 78%，按计划应达到 90%。",
        "1．示例水厂（示例局）。年度目标：年底前完成。顺延项目，完成时限为2028年6月30日。进展：【请填写：本期没有报送进展】",
    ]
    lines = words[words.index("三、项目调整情况") + 1 : words.index("四、存在的主要问题")]
    assert [each for each in lines if each] == [
        "经有权机关决定，调整事项 3 件。",
        "1．示例水厂：重大调整。示例县人民代表大会常务委员会2027年9月28日决定（示例常发〔2027〕21号），2027年9月30日公告。原因：岩石段须爆破施工。",
        "2．示例公路：暂缓实施。示例县人民代表大会常务委员会2027年7月1日决定，尚未公告。原因：汛期停工。",
        "3．示例养老院：一般调整。示例县人民代表大会常务委员会主任会议2027年8月1日决定（纪要〔2027〕3号）。原因：顺延一月。",
    ]
    tables = [[[cell.text for cell in each.cells] for each in table.rows] for table in read.tables]
    assert tables[0][1][5] == "滞后（顺延）"
    assert tables[1:] == [
        [["内容", "调整前", "调整后"], ["完成时限", "2027年12月20日", "2028年6月30日"], ["总投资", "160.00 万元", "180.00 万元"]],
        [["内容", "调整前", "调整后"], ["完成时限", "甲", "乙"]],
    ]  # fmt: skip


def test_year_without_projects_divides_by_nothing():
    empty = YearReport(YEAREND, 2027, "示例县", "示例县人民代表大会", "", date(2027, 12, 31), [], [])
    read = Document(BytesIO(to_docx(paper(empty))))
    words = "".join(p.text for p in read.paragraphs)
    assert "关于2027年民生实事项目实施情况的报告" in words
    assert "到位率 —" in words
    assert "没有调整、暂缓、终止的项目。" in words
