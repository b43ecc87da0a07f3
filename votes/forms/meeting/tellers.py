"""The list of tellers, its approval and its scan; signing secrets; a teller who signs or will not."""

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, HiddenField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from votes.forms.base import Form, SpokenForm, required
from votes.rules.people.roles import KeyerRole, TellerRole
from votes.rules.voting.vote_reports import MOST_FINDING
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


class KeyerForm(Form):
    user_id = SelectField("人大办的账号", coerce=int)
    role = SelectField("职责", choices=[(r.value, label(r).word) for r in KeyerRole], default="clerk")

    def values(self) -> dict[str, Any]:
        """Return what was entered, as the services take it."""
        return self.entry() | {"role": KeyerRole(self.role.data)}


class SignatureRefusalForm(Form):
    reason = TextAreaField("不予签字的理由", required("请写明理由", 300))


class SignedListForm(Form):
    scan = FileField(
        "手签名单的扫描件或照片", [FileRequired("请选择文件")], description="PDF 或照片（JPG、PNG）"
    )


class ReplaceForm(SpokenForm):
    teller_id = SelectField("更换", coerce=int)
    deputy_id = SelectField("接替的代表", coerce=int)
    decision = StringField("由谁、何时决定", required("请写明决定", 200))


class SecretForm(Form):
    public_key = HiddenField()
    passphrase = PasswordField("签字口令", [Length(max=100, message="不超过 100 字")])
    again = PasswordField("再输入一次", [Length(max=100, message="不超过 100 字")])


class SecretProofForm(Form):
    """What a teller signs with: the signature that the phone has made, or the passphrase."""

    signature = HiddenField()
    passphrase = PasswordField("签字口令", [Length(max=100, message="不超过 100 字")])


class FindingForm(Form):
    finding = TextAreaField("核查结果", required("请写明核查结果", MOST_FINDING))


class WithdrawForm(SecretProofForm):
    """The PIN of the deputy who withdraws a report before the teller."""

    pin = StringField("凭证上的八位口令（请代表本人输入）", required("请代表本人输入口令", 12))


class ConfirmForm(SecretProofForm):
    code = StringField("对方手机上显示的短码", required("请输入短码", 40))
