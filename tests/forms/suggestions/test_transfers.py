"""Forms of a unit: its opinion, the return of a transfer."""

from votes.forms.suggestions.transfers import OpinionForm
from votes.rules.suggestions.matters import Outcome


def test_opinion_form_returns_proposal_and_opinion(app):
    with app.test_request_context(method="POST", data={"proposal": "reserve", "opinion": "可行。"}):
        form = OpinionForm()
        assert form.validate()
        assert form.values() == {"proposal": Outcome.RESERVE, "opinion": "可行。"}


def test_opinion_form_without_proposal_is_refused(app):
    with app.test_request_context(method="POST", data={"opinion": "可行。"}):
        form = OpinionForm()
        assert not form.validate()
        assert form.errors == {"proposal": ["请选择建议的处理结果。"]}
