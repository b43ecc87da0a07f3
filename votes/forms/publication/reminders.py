"""到期提醒: the filters of the list, and where reminders are sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import Length

from votes.forms.base import Form, chosen
from votes.forms.filters import FormFilters
from votes.rules.publication.tasks import DUE_NOUNS
from votes.services.publication.senders import Channels


class DueFilters(FormFilters):
    kind = SelectField("类别", choices=[("", "全部"), *DUE_NOUNS.items()])
    unit = SelectField("责任单位", coerce=chosen, default=None)
    overdue = SelectField("期限", choices=[("", "全部"), ("1", "只看逾期")])

    def __init__(self, units: Mapping[int, str]) -> None:
        super().__init__(unit=[("", "全部"), *sorted(units.items())])

    def wanted(self) -> dict[str, Any]:
        return {
            "kind": self.kind.data or "",
            "unit": self.unit.data or None,
            "overdue": bool(self.overdue.data),
        }


class ChannelsForm(Form):
    robot = StringField(
        "群机器人地址（Webhook）",
        [Length(max=500, message="不超过 500 个字")],
        description="在企业微信或钉钉的工作群里添加机器人后复制；留空即不发。地址等于群的口令，请勿外传",
        render_kw={"autocomplete": "off", "inputmode": "url"},
    )
    kind = RadioField("机器人", choices=[("wecom", "企业微信"), ("dingtalk", "钉钉")], default="wecom")
    secret = PasswordField(
        "加签密钥（钉钉）",
        [Length(max=200, message="不超过 200 个字")],
        description="机器人的安全设置选“加签”时填写；已经保存的不显示，留空即不改",
        render_kw={"autocomplete": "off"},
    )
    no_secret = BooleanField("清除已保存的密钥")
    mails = TextAreaField(
        "电子邮箱",
        [Length(max=1000, message="不超过 1000 个字")],
        description="每行一个，收件人互相看不到；发件服务器由系统管理员设置",
        render_kw={"rows": 3},
    )
    submit = SubmitField("保存")

    def __init__(self, now: Channels) -> None:
        super().__init__(data={"robot": now.robot, "kind": now.kind, "mails": "\n".join(now.mails)})
        self.now = now

    def values(self) -> Channels:
        secret = "" if self.no_secret.data else (self.secret.data or "").strip() or self.now.secret
        return Channels(
            (self.robot.data or "").strip(), self.kind.data, secret, tuple(_lines(self.mails.data or ""))
        )


def _lines(text: str) -> Sequence[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
