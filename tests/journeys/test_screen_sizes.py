"""On the hall's screens nothing runs over its edge and no name is cut, however many projects there are."""

import pytest

from tests import factories
from tests.journeys.halls import TODAY
from votes.db import db
from votes.models import CongressSession
from votes.rules.projects.projects import ProjectState
from votes.services import audit
from votes.services.delivery import plans

pytestmark = pytest.mark.journey
SIZES = {"hall": (1920, 1080), "wide": (3840, 1080), "old": (1366, 768)}
#: Names as long as they come, the shorter ones among them.
NAMES = (
    "农村公路安防设施提升",
    "城区雨污分流改造及内涝治理项目",
    "乡镇卫生院医疗设备更新和远程诊疗系统建设（示例）",
)
WORDS = "农村生活饮用水水质提升和老旧供水管网更新工程"

#: What does not fit into itself, or stands outside the window.
RUNS_OVER = """() => {
    const root = document.documentElement, found = [];
    const shown = [root, document.body, ...document.querySelectorAll('main, main header, main section, main ol, main li, main .name, main h1, main .nums, main .info, main article, main .below')];
    for (const one of shown) {
        // the letters of one line may be taller than the line
        const tall = one.matches('h1, li, .name') ? 1.22 * one.clientHeight : one.clientHeight + 2;
        if (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > tall)
            found.push(`${one.tagName}.${one.className}: ${one.scrollWidth}×${one.scrollHeight} in ${one.clientWidth}×${one.clientHeight} ${one.innerText.slice(0, 24)}`);
    }
    for (const one of document.querySelectorAll('main *')) {
        const box = one.getBoundingClientRect();
        if (box.width && (box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1))
            found.push(`${one.tagName}.${one.className} at ${box.left},${box.top} to ${box.right},${box.bottom}`);
    }
    return found;
}"""


def names(count: int) -> list[str]:
    return [f"{NAMES[no % len(NAMES)]}{no + 1}" for no in range(count)]


def look(hall, picture: str) -> None:
    """Expect the hall's screen to show all of ``picture`` at every size."""
    with hall.world.work(None):
        meeting = db.session.get(CongressSession, hall.session)
        assert meeting is not None
        address = f"/screen/{meeting.screen_key}"
    found = []
    screen = hall.meet(hall.site, {})
    for size, (width, height) in SIZES.items():
        screen.page.set_viewport_size({"width": width, "height": height})
        screen.open(address)
        assert screen.page.locator(f"main.{picture}").count() == 1
        found += [f"{size}: {words}" for words in screen.page.evaluate(RUNS_OVER)]
    screen.leave()
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    ("method", "count", "publish"),
    [
        *(("choose", count, "names+votes") for count in (3, 6, 12, 20, 30)),
        ("threeway", 12, "names+votes"),
        ("choose", 12, "names"),
        ("choose", 30, "names"),
    ],
)
def test_nothing_runs_over_while_voting_and_in_the_result(make_hall, method, count, publish):
    hall = make_hall(6)
    with hall.world.work():
        listed = []
        for project, name in zip(
            factories.make_listed(count, year=TODAY.year + 1), names(count), strict=True
        ):
            project.name = name
            listed.append(project.id)
    rule = {"method": method, "seats": count - 1, "small_body": 0, "publish": publish}
    round_id = hall.round("民生实事项目票决", listed, rule=rule)
    look(hall, "view-voting")
    hall.vote(round_id, [{1: "for", 2: "for"}] * 4)
    hall.close_and_sign(round_id)
    look(hall, "view-result")


@pytest.mark.parametrize(("method", "count"), [("choose", 3), ("threeway", 3), ("choose", 6), ("choose", 9)])
def test_no_length_of_name_is_cut_in_the_result(make_hall, method, count):
    """The size of a name follows from its length: the longest of each size is the one that may be cut."""
    hall = make_hall(6)
    with hall.world.work():
        listed = factories.make_listed(count, year=TODAY.year + 1)
        for no, project in enumerate(listed):
            project.name = f"{no + 1}{WORDS}"[: (22, 17, 13, 9)[no % 4]]
        chosen = [project.id for project in listed]
    rule = {"method": method, "seats": count - 1, "small_body": 0, "publish": "names+votes"}
    round_id = hall.round("民生实事项目票决", chosen, rule=rule)
    hall.vote(round_id, [{1: "for", 2: "for"}] * 4)
    hall.close_and_sign(round_id)
    look(hall, "view-result")


@pytest.mark.parametrize("ballots", [2, 4, 5])
def test_nothing_runs_over_while_several_ballots_are_open(make_hall, ballots):
    hall = make_hall(6)
    with hall.world.work():
        listed = [p.id for p in factories.make_listed(2 * ballots, year=TODAY.year + 1)]
    for no, colour in zip(range(ballots), ("white", "pink", "yellow", "green", "blue"), strict=False):
        hall.round(
            f"民生实事项目票决（第{no + 1}类）", listed[2 * no : 2 * no + 2], rule={"seats": 1}, colour=colour
        )
    look(hall, "view-voting")


@pytest.mark.parametrize("count", [10, 24])
def test_nothing_runs_over_in_a_rating(make_hall, count):
    hall = make_hall(6)
    with hall.world.work():
        rated = []
        for no, name in enumerate(names(count), start=1):
            project = factories.make_project(name, year=TODAY.year, state=ProjectState.SELECTED, number=no)
            plans.start(project, round_id=None, by=audit.SYSTEM, now=factories.NOW)
            rated.append(project.id)
    rule = {"method": "rating", "seats": 0, "small_body": 0, "publish": "names+votes"}
    round_id = hall.round("民生实事项目满意度测评", rated, rule=rule, colour="pink")
    look(hall, "view-voting")
    hall.vote(round_id, [dict.fromkeys(range(1, count + 1), "satisfied")] * 3)
    hall.close_and_sign(round_id)
    look(hall, "view-result")
