"""The settings of reminders as they are typed."""

import pytest

from votes.forms.publication.reminders import ChannelsForm
from votes.services.publication.senders import Channels

OLD = Channels("https://robot.example/x", "dingtalk", "secret")


@pytest.mark.parametrize(
    ("typed", "channels"),
    [
        ({"robot": " https://robot.example/y ", "kind": "wecom"}, Channels("https://robot.example/y", "wecom", "secret")),
        ({"robot": "", "kind": "dingtalk", "secret": "new"}, Channels("", "dingtalk", "new")),
        ({"robot": "", "kind": "dingtalk", "secret": "new", "no_secret": "y"}, Channels("", "dingtalk", "")),
        ({"robot": "", "kind": "wecom", "mails": "a@b.example\n\n b@b.example\na@b.example"},
         Channels("", "wecom", "secret", ("a@b.example", "b@b.example"))),
    ],
)  # fmt: skip
def test_channels_form_keeps_the_secret_unless_replaced(one_app, typed, channels):
    with one_app.test_request_context("/", method="POST", data=typed):
        assert ChannelsForm(OLD).values() == channels
