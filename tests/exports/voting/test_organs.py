"""Papers of a standing committee and of a street's assembly: their own names under their own decisions."""

from dataclasses import replace
from datetime import date

import pytest

from tests.exports.voting.sheets import changed
from tests.exports.voting.test_documents import DATA, TIED, words
from votes.exports.formats.layout import Closing, to_html
from votes.exports.formats.official import full_session
from votes.exports.meeting.motions import MotionRow, motions_paper
from votes.exports.voting.announcement import announcement
from votes.exports.voting.counting_sheet import counting_sheet
from votes.rules.meeting.motions import ShowOfHands
from votes.rules.people.organs import COMMITTEE, COUNTY, STREET

OF_COMMITTEE = replace(
    DATA,
    organ=COMMITTEE,
    body="示例县人民代表大会常务委员会",
    session="第十八届人民代表大会常务委员会第三十次会议",
)
OF_STREET = replace(DATA, organ=STREET, body="示例街道议事代表会", session="第二次议事代表会议")


@pytest.mark.parametrize(
    ("data", "title", "signer", "session"),
    [
        (
            DATA,
            "示例县人民代表大会主席团公告",
            "示例县第十八届人民代表大会第五次会议主席团",
            "示例县第十八届人民代表大会第五次会议",
        ),
        (
            OF_COMMITTEE,
            "示例县人民代表大会常务委员会公告",
            "示例县人民代表大会常务委员会",
            "示例县第十八届人民代表大会常务委员会第三十次会议",
        ),
        (
            OF_STREET,
            "示例街道议事代表会公告",
            "示例街道议事代表会",
            "示例街道第二次议事代表会议",
        ),
    ],
    ids=["congress", "committee", "street"],
)
def test_who_announces(data, title, signer, session):
    paper = announcement(data)
    assert (paper.title, paper.organ) == (title, signer)
    assert next(each for each in paper.blocks if isinstance(each, Closing)).organ == signer
    assert full_session(data.body, data.session) == session
    assert words(paper)[0].startswith(f"{session}于2027年1月5日以无记名投票方式")


@pytest.mark.parametrize(
    ("organ", "presider"), [(COUNTY, "主席团"), (COMMITTEE, "主任会议"), (STREET, "人大街道工委")]
)
def test_who_decides_a_tie_where_the_rule_leaves_it_to_the_presidium(organ, presider):
    data = changed(DATA, organ=organ, rows=TIED, next_step="tie_presidium", seats_left=1)
    assert f"由{presider}决定" in to_html(counting_sheet(data))
    assert f"由{presider}决定" in to_html(announcement(data))


@pytest.mark.parametrize(("data", "member"), [(OF_COMMITTEE, "组成人员"), (OF_STREET, "议事代表")])
@pytest.mark.parametrize("publish", ["names", "names+votes"])
def test_no_paper_speaks_of_a_presidium_or_deputies_that_are_not_there(data, member, publish):
    text = to_html(announcement(changed(data, publish=publish)))
    assert "主席团" not in text
    assert "应到代表" not in text
    assert (f"应到{member}180人" in text) == (publish == "names+votes")


def test_the_list_of_hands_names_those_of_whom_more_than_half_are_needed():
    row = MotionRow("票决办法（草案）", date(2027, 1, 5), ShowOfHands(34, 20, 17, 2, 0), False)
    paper = motions_paper(
        body=OF_COMMITTEE.body,
        session=OF_COMMITTEE.session,
        members=COMMITTEE.members,
        rows=[row],
        printed_on=date(2027, 1, 5),
    )
    text = to_html(paper)
    assert "赞成超过常务委员会全体组成人员半数的为通过" in text
    assert "未通过" in text
    empty = motions_paper(
        body="示例县人民代表大会",
        session="第五次会议",
        members="全体代表",
        rows=[],
        printed_on=date(2027, 1, 5),
    )
    assert "没有登记举手表决的事项。" in words(empty)
