"""A place that counts by hand: papers only, and the sums of each box keyed by one person and confirmed by another.

The figures are the published ratings of 宁海 2020 and 镇海 2022.
"""

import docx
import pytest

from tests import factories
from tests.factories import PASSWORD
from tests.journeys.halls import BY, NOW, TODAY
from tests.journeys.people import DESK
from tests.ratings import WORDS, published
from votes.rules.people.roles import KeyerRole, Role
from votes.rules.projects.projects import ProjectState
from votes.services import audit
from votes.services.delivery import plans
from votes.services.meeting import keyers, rounds, sessions
from votes.services.voting import paper_ballots, proof

MISPRINTED = 1  # the first row of 宁海: 95 + 27 + 0 is not 222; what it must have been is 195


def figures(rows, no):
    """Return what is typed for a project: a figure for each grade, and no void item."""
    return {
        f"n{no}__{mark}": number for mark, number in zip((*WORDS, "void"), (*rows[no - 1], 0), strict=True)
    }


def box_of_papers(hall, names, papers):
    """Return the office and two clerks before a closed rating on paper whose papers are in one box."""
    with hall.world.work():
        rated = []
        for no, name in enumerate(names, start=1):
            project = factories.make_project(name, year=TODAY.year, state=ProjectState.SELECTED, number=no)
            plans.start(project, round_id=None, by=audit.SYSTEM, now=NOW)
            rated.append(project.id)
        clerks = [
            factories.make_user(name, Role.OFFICE, body_id=hall.world.county)
            for name in ("clerk.a", "clerk.b")
        ]
        (meeting,) = sessions.all_sessions()
        keyers.name(meeting, clerks[0].id, KeyerRole.CLERK, by=BY, now=NOW)
    rule = {"method": "rating", "seats": 0, "paper": "totals", "publish": "names+votes"}
    hall.rated = hall.round("满意度测评", rated, rule=rule)
    with hall.world.work():
        round_ = rounds.get_round(hall.rated)
        for deputy_id in hall.deputies:
            paper_ballots.hand_out(round_, deputy_id, by=BY, now=NOW)
    office = hall.office()
    office.open(f"/office/rounds/{hall.rated}")
    office.confirm("关闭票箱")
    office.reads("票箱已关闭，请清点、录入纸质票")
    office.fill(place="主会场", papers=papers)
    office.press("登记票箱")
    clerks = [hall.meet(hall.site, DESK), hall.meet(hall.site, DESK)]
    for clerk, name in zip(clerks, ("clerk.a", "clerk.b"), strict=True):
        clerk.sign_in(name, PASSWORD)
        clerk.open(f"/office/rounds/{hall.rated}/paper")
    return office, *clerks


def count_and_sign(hall, office):
    office.open(f"/office/rounds/{hall.rated}/paper")
    office.confirm("计票")
    for number in (0, 1):
        teller = hall.phone(number)
        teller.open(f"/teller/rounds/{hall.rated}")
        teller.press("签字确认")
    office.open(f"/office/rounds/{hall.rated}")


def on_the_certificate(office, folder):
    """[(满意, 基本满意, 不满意, 无效)] of each project on the signed sheet, and its words."""
    sheet = docx.Document(str(office.download("计票报告单（Word）", folder)))
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in sheet.tables]
    (table,) = (t for t in tables if "基本满意" in t[0])
    return [tuple(map(int, row[2:6])) for row in table[1:]], {row[-1] for row in table[1:]}


@pytest.mark.journey
def test_the_misprinted_row_of_ninghai_is_refused_and_the_rest_comes_out(make_hall, tmp_path):
    published_rows = published("ninghai_2020")
    misprinted = [row[1] for row in published_rows]
    hall = make_hall(222)
    office, first, second = box_of_papers(hall, [row[0] for row in published_rows], 222)

    first.follow("录入、核对合计")
    first.fill(
        valid=222, invalid=0, **{k: v for no in range(1, 11) for k, v in figures(misprinted, no).items()}
    )
    assert first.press("录入合计") == 422
    first.reads("第 1 项", "122", "222")
    assert first.value("n1-satisfied") == "95", "what was typed is still there"
    right = [(195, 27, 0), *misprinted[1:]]
    first.fill(**figures(right, MISPRINTED))
    first.press("录入合计")
    first.reads("您已录入", "请另一人用自己的账号打开本页")
    second.open(first.page.url)
    second.reads("核对无误")
    second.confirm("核对无误")
    second.reads("票箱合计已由两人核对")

    count_and_sign(hall, office)
    office.reads("76.26%", "99.19%")
    counted, _ = on_the_certificate(office, tmp_path)
    assert counted == [(*row, 0) for row in right]
    with hall.world.work():
        assert [f.what for f in proof.verify(rounds.get_round(hall.rated)).wrong] == []


@pytest.mark.both
def test_the_figures_of_zhenhai_come_out_of_two_boxes(make_hall, tmp_path):
    rows = published("zhenhai_2022")
    hall = make_hall(29)
    office, first, second = box_of_papers(hall, [row[0] for row in rows], 29)
    first.follow("录入、核对合计")
    first.fill(
        valid=29,
        invalid=0,
        **{k: v for no in range(1, 9) for k, v in figures([r[1] for r in rows], no).items()},
    )
    first.press("录入合计")
    first.reads("您已录入")
    second.open(first.page.url)
    second.confirm("核对无误")
    count_and_sign(hall, office)
    counted, grades = on_the_certificate(office, tmp_path)
    assert counted == [(*row[1], 0) for row in rows]
    assert grades == {"满意"}
    office.reads("29 票 × 8 项")
