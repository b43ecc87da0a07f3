"""Forms of the office for one suggestion: entering it, its category and village, refusing it."""

from collections.abc import Sequence
from typing import Any

from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired

from votes.forms.base import Form, chosen, pictures
from votes.forms.suggestions import fields
from votes.models import Deputy, Village
from votes.rules.suggestions.suggestions import BY_STAFF, MOST_PHOTOS, AuthorKind, Channel
from votes.web.words.labels import label


class PlaceForm(Form):
    """Category and village of a suggestion that came without them."""

    category = fields.category_field()
    village_id = SelectField("村（社区）", coerce=chosen)

    def __init__(self, villages: Sequence[Village], own: Village | None = None, **options: Any) -> None:
        """Offer ``villages``, and the suggestion's ``own`` village, which may be in use no longer."""
        super().__init__(**options)
        self.village_id.choices = [("", "未填写"), *fields.village_choices(villages, own)]

    def classification(self) -> dict[str, Any]:
        """Return category and village, as arguments of `suggestions.classify`."""
        return fields.values_of(self, "category", "village_id")


class EnterForm(fields.SuggestionForm, PlaceForm):
    """A suggestion that staff received and enter."""

    channel = SelectField("来源渠道", choices=[(c.value, label(c).word) for c in BY_STAFF])
    received_on = DateField("收到日期", [fields.given("收到日期")])
    year = IntegerField("实施年度", [fields.given("实施年度")], description="为哪一年的项目提出")
    content = fields.area("建议内容", 5, "按原话记录，一事一提；提出人的姓名、电话填在下面，不写在内容里")
    title = StringField("标题", description="可以空着，由系统取建议内容的第一句")
    place = StringField("具体地点")
    deputy_id = SelectField("收集代表", coerce=chosen, description="由代表转来的，选这位代表")
    files = pictures("照片", f"最多 {MOST_PHOTOS} 张，不公开")
    name = StringField("姓名", description="可以空着")
    phone = StringField("电话", description="可以空着")
    unit = StringField("单位", description="以单位名义提出的填写")
    kind = SelectField("身份", choices=[(k.value, label(k).word) for k in AuthorKind], default="citizen")

    def __init__(self, villages: Sequence[Village], deputies: Sequence[Deputy], **given: Any) -> None:
        super().__init__(villages, data=given)
        self.deputy_id.choices = [("", "无"), *((d.id, f"{d.name}（{d.delegation.name}）") for d in deputies)]

    def values(self) -> dict[str, Any]:
        return {
            **self.text(),
            "channel": Channel(self.channel.data),
            **fields.values_of(self, "received_on", "year", "village_id", "deputy_id"),
            "author": self.author(),
        }


class RefusalForm(Form):
    reason = fields.area(
        "不予受理的理由",
        2,
        "提出人凭查询码可以看到，请写得清楚、平和",
        InputRequired("请写明不予受理的理由。"),
        fields.at_most(200, "理由"),
    )
