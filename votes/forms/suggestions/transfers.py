"""Forms of a unit: its opinion on a matter, the return of a transfer."""

from typing import Any

from wtforms import RadioField
from wtforms.validators import InputRequired

from votes.forms.base import Form
from votes.forms.suggestions.fields import area
from votes.rules.suggestions.matters import Outcome
from votes.web.words.labels import label


class OpinionForm(Form):
    proposal = RadioField(
        "建议的处理结果",
        [InputRequired("请选择建议的处理结果。")],
        choices=[(outcome.value, label(outcome).word) for outcome in Outcome],
    )
    opinion = area(
        "办理意见", 7, "写明是否可行、需要多少投资、用地和资金条件、何时能完成；不可行的，写明原因。"
    )

    def values(self) -> dict[str, Any]:
        return {"proposal": Outcome(self.proposal.data), "opinion": self.opinion.data or ""}


class ReturnForm(Form):
    reason = area("退回理由", 3, "写明依据和应由哪个单位办理。")
