"""The list of tellers, its approval, and a teller who will not sign."""

from typing import Any

from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from votes.forms.base import Form, SpokenForm, required
from votes.rules.people.roles import TellerRole
from votes.web.words.labels import label


class TellerForm(SpokenForm):
    deputy_id = SelectField("代表", coerce=int)
    role = SelectField("职责", choices=[(r.value, label(r).word) for r in TellerRole], default="teller")
    nominated_by = SelectField("提名的代表团", coerce=int, description="不是代表团提名的，选“未填写”")

    def values(self) -> dict[str, Any]:
        """Return what was entered, as the services take it."""
        typed = {"role": TellerRole(self.role.data), "nominated_by": self.nominated_by.data or None}
        return self.entry() | typed


class ApproveForm(Form):
    on = DateField("通过日期", [InputRequired("请填写日期")])
    how = StringField("怎样通过", required("请写明怎样通过", 100), default="举手表决，全体通过")


class SignatureRefusalForm(Form):
    reason = TextAreaField("不予签字的理由", required("请写明理由", 300))
