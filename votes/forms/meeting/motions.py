"""A decision by show of hands, as numbers."""

from wtforms import DateField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from votes.forms.base import Form


def _heads(word: str, description: str = "") -> IntegerField:
    return IntegerField(
        f"{word}（人）",
        [InputRequired(f"请填写{word}人数"), NumberRange(0, 10000, "应为 0 至 10000 的整数")],
        description=description,
        render_kw={"inputmode": "numeric", "min": 0},
    )


class MotionForm(Form):
    title = StringField(
        "表决事项",
        [InputRequired("请填写表决事项"), Length(max=100, message="表决事项不超过 100 个字")],
        description="可以从列表中选，也可以自己填写。名称中有“票决办法”的，即为票决办法的表决",
        render_kw={"list": "usual-titles", "autocomplete": "off"},
    )
    decided_on = DateField("表决日期", [InputRequired("请填写表决日期")])
    roster = _heads("应到")
    present = _heads("实到")
    votes_for = _heads("赞成")
    votes_against = _heads("反对")
    abstentions = _heads("弃权", "没有举手的不计入弃权")
