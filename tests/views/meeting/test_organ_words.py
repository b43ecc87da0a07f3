"""Pages and refusals speak of the members as their organ does."""

import pytest

from tests import factories
from tests.factories import NOW
from votes.db import db
from votes.models import Body, Delegation
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import BodyKind
from votes.services import audit
from votes.services.meeting import cards, checkin, pairings, sessions

pytestmark = pytest.mark.sqlite
PAGES = [
    "/office/roster/",
    "/office/roster/new",
    "/office/roster/delegations",
    "/office/users/deputies",
    "/office/sessions/{0}/cards",
    "/office/sessions/{0}/tellers",
    "/office/sessions/{0}/halls",
    "/office/sessions/{0}/desk",
    "/office/sessions/{0}/desk/register",
]


@pytest.fixture
def meeting(world):
    """Turn the township's congress into a standing committee with a running session; return its id."""
    with world.work(None):
        db.session.get(Body, world.bodies["township"]).kind = BodyKind.COMMITTEE
    with world.work("township"):
        for group in db.session.query(Delegation):
            group.name = f"第{group.position}组"
        group = db.session.query(Delegation).first()
        factories.make_deputies(3, group.id)
        made = sessions.create_session(
            title="第三十次会议", year=2027, starts_on=NOW.date(), ends_on=NOW.date(), place="示例厅",
            by=audit.SYSTEM, now=NOW,
        )  # fmt: skip
        sessions.move(made, "start", by=audit.SYSTEM, now=NOW)
        return made.id


def test_pages_of_a_committee_never_say_deputies(as_, world, meeting):
    browser, found = as_("office", "township"), []
    for url in PAGES:
        page = browser.get(url.format(meeting))
        assert page.status == 200, url
        (main,) = page.tree.xpath("//main")
        words = main.text_content().replace("示例代表", "").replace("township代表", "")
        found += [
            f"{url}: …{words[max(at - 12, 0) : at + 12]!r}"
            for at in range(len(words))
            if words[at:].startswith("代表")
        ]
    assert found == []


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda session: cards.issue(session, 0, key="k", by=audit.SYSTEM, now=NOW), "没有这位在任组成人员"),
        (lambda session: checkin.check_in(session, 0, by=audit.SYSTEM, now=NOW), "没有这位在任组成人员"),
        (
            lambda session: pairings.confirm(session, 1, "", key="k", by=audit.SYSTEM, now=NOW),
            "组成人员手机上",
        ),
    ],
)
def test_refusals_of_a_committee_never_say_deputies(world, meeting, act, words):
    with pytest.raises(RuleBroken, match=words), world.work("township"):
        act(sessions.get(meeting))
