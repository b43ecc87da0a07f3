"""到期提醒: where reminders are sent."""

from wtforms import BooleanField, PasswordField, RadioField, StringField, SubmitField, TextAreaField
from wtforms.validators import Length

from votes.forms.base import Form
from votes.services.publication.senders import Channels


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
        mails = dict.fromkeys(line.strip() for line in (self.mails.data or "").splitlines() if line.strip())
        return Channels((self.robot.data or "").strip(), self.kind.data, secret, tuple(mails))
