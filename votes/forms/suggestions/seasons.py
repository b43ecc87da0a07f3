"""Forms of a season, a station and a village."""

from typing import Any

from wtforms import BooleanField, DateField, IntegerField, StringField

from votes.forms.base import Form
from votes.forms.suggestions.fields import area, at_most, given, values_of
from votes.models import Season, Station, Village
from votes.rules.suggestions.suggestions import SeasonText


class SeasonForm(Form):
    year = IntegerField("实施年度", [given("实施年度")], description="为哪一年的民生实事项目征集建议")
    title = StringField("名称", [at_most(100, "名称")], description="空着时按“某年民生实事项目建议征集”")
    opens_on = DateField("开始日期", [given("开始日期")])
    closes_on = DateField(
        "截止日期", [given("截止日期")], description="当天仍可提交；公开征集一般不少于 30 天"
    )
    notice = area(
        "征集公告",
        8,
        "显示在提建议的页面上，可以空着。写明征集范围、哪些事项不在范围内",
        at_most(5000, "公告"),
    )

    def __init__(self, season: Season | None, *, coming: int) -> None:
        super().__init__(obj=season, data=None if season else {"year": coming})

    def values(self) -> SeasonText:
        return SeasonText(**values_of(self))


class _InUseForm(Form):
    """A form of a row that can be put out of use, once it exists."""

    def __init__(self, row: Station | Village | None, **data: str) -> None:
        super().__init__(obj=row, data=data)
        if row is None:
            del self.active

    def values(self) -> dict[str, Any]:
        return values_of(self)


class StationForm(_InUseForm):
    name = StringField(
        "名称", [given("名称"), at_most(60, "名称")], description="例如：示例河镇人大代表联络站"
    )
    place = StringField("地址", [at_most(100, "地址")], description="例如：集镇主街 12 号")
    active = BooleanField(
        "使用中", default=True, description="停用后，它的二维码不能再打开；收到过的建议仍在"
    )


class VillageForm(_InUseForm):
    township = StringField("乡镇（街道）", [at_most(60)], description="乡镇本级可以空着")
    name = StringField("村（社区）", [given("村（社区）名称"), at_most(60, "名称")])
    active = BooleanField("使用中", default=True, description="停用后不再供选择；选过它的建议不变")
