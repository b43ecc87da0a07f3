"""The forms of a round speak of whoever decides and announces there."""

import pytest
from flask import Flask

from votes.forms.meeting.rounds import AnnounceForm, PresidiumForm
from votes.rules.people import organs
from votes.rules.people.roles import BodyKind


@pytest.mark.parametrize(
    ("kind", "note", "number"),
    [
        (BodyKind.COUNTY, "例如：主席团第三次会议举手表决，一致同意", "主席团公告（第 N 号）"),
        (BodyKind.TOWNSHIP, "例如：主席团第三次会议举手表决，一致同意", "主席团公告（第 N 号）"),
        (BodyKind.COMMITTEE, "例如：主任会议举手表决，一致同意", "公告（第 N 号）"),
        (BodyKind.STREET, "例如：人大街道工委举手表决，一致同意", "公告（第 N 号）"),
    ],
)
def test_hints_use_the_words_of_the_organ(one_app: Flask, kind, note, number):
    organ = organs.of(kind)
    with one_app.test_request_context():
        assert PresidiumForm().in_words_of(organ).note.description == note
        assert AnnounceForm().in_words_of(organ).number.description == number
