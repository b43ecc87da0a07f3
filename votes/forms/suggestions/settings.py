"""The form of 办理设置."""

from typing import Any

from wtforms import Field, IntegerField, ValidationError
from wtforms.validators import InputRequired

from votes.forms.base import Form
from votes.forms.suggestions.fields import area
from votes.rules.suggestions.terms import LIMITS, MatterSettings, read_days

#: The fields of days: names in the settings of a body.
_DAYS = ("holidays", "workdays")


def _whole(name: str, word: str, description: str = "") -> IntegerField:
    low, high = LIMITS[name]
    return IntegerField(
        word,
        [InputRequired("请填写整数。")],
        description=description or f"{low} 至 {high}",
        render_kw={"inputmode": "numeric", "min": low, "max": high},
    )


def _are_days(form: Form, field: Field) -> None:
    """Refuse a text that has something else than days."""
    _, unread = read_days(field.data or "")
    if unread:
        raise ValidationError(f"“{'”“'.join(unread[:3])}”不是日期，请写成 2026-10-01 的样子。")


class MatterSettingsForm(Form):
    months = _whole("months", "一般事项的办理期限（月）", "代表法规定的答复期限为 3 个月")
    months_complex = _whole("months_complex", "复杂事项的办理期限（月）", "代表法规定最长不超过 6 个月")
    return_days = _whole(
        "return_days", "退回期限（工作日）", "责任单位认为不属本单位职责的，在这些工作日内退回"
    )
    soon_days = _whole("soon_days", "临期提醒（天）", "离期限不足这些天的，标为临期")
    likeness = _whole(
        "likeness", "疑似重复的界线（%）", "两条建议的相似度达到这个数就提示；提示太多可调高，漏掉太多可调低"
    )
    holidays = area(
        "法定节假日",
        4,
        "每行一天，如 2026-10-01；连续的可写 2026-10-01至2026-10-07。周末不必填写。",
        _are_days,
    )
    workdays = area("调休上班日", 2, "周末上班的日子，写法相同。", _are_days)

    def __init__(self, settings: MatterSettings) -> None:
        data = {name: getattr(settings, name) for name in LIMITS}
        for name in _DAYS:
            data[name] = "\n".join(map(str, sorted(getattr(settings.calendar, name))))
        super().__init__(data=data)

    def values(self) -> dict[str, Any]:
        return {
            "numbers": {name: self[name].data for name in LIMITS},
            "days": {name: read_days(self[name].data or "")[0] for name in _DAYS},
        }
