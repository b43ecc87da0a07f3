"""Acceptances: one row for each dimension, and the conclusion."""

from collections.abc import Sequence
from typing import Any

from wtforms import (
    DateField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length

from votes.forms.base import FormRow, WithPhotos, pictures, text_of, typed
from votes.models import Acceptance
from votes.rules.delivery.acceptances import AcceptanceKind, Conclusion, Findings, Item, Mark
from votes.services.delivery import acceptances
from votes.web.filters import words_of
from votes.web.uploads import drawn


class ItemRow(FormRow):
    dimension = HiddenField()
    mark = RadioField("是否达到", [InputRequired("请选择是否达到")], choices=words_of(Mark))
    note = StringField("情况说明", [Length(max=200, message="说明不超过 200 个字")])


class AcceptanceForm(WithPhotos):
    """An acceptance by dimensions.

    ``kinds``: those that this account records; none: a correction of ``acceptance``, whose kind stays.
    """

    kind = RadioField("验收类型", [InputRequired("请选择验收类型")])
    held_on = DateField("验收日期", [InputRequired("请填写验收日期")])
    held_by = StringField(
        "组织验收",
        [DataRequired("请填写由谁组织验收"), Length(max=100)],
        description="组织验收的单位、验收组组长，如“示例县人大常委会验收组（组长：示例）”",
    )
    items = FieldList(FormField(ItemRow), "验收内容", max_entries=60)
    conclusion = RadioField("结论", [InputRequired("请选择结论")], choices=words_of(Conclusion))
    opinion = TextAreaField("意见", [Length(max=2000)], description="随验收结果公开", render_kw={"rows": 3})
    files = pictures("现场照片", "可选多张，JPG、PNG 或 WebP；照片对外公开，请避免拍到群众的个人信息")
    caption = StringField("照片说明", [Length(max=100)])
    submit = SubmitField("登记验收")

    def __init__(
        self,
        dimensions: Sequence[str],
        kinds: Sequence[AcceptanceKind] = (),
        acceptance: Acceptance | None = None,
        **data: Any,
    ) -> None:
        if acceptance is not None:
            rows = [
                {"dimension": i.dimension, "mark": i.mark.value, "note": i.note} for i in acceptance.items
            ]
            data |= {name: getattr(acceptance, name) for name in acceptances.COLUMNS}
        else:
            rows = [{"dimension": each} for each in dimensions]
        self.dimensions = [row["dimension"] for row in rows]
        super().__init__(data={**data, "items": rows})
        if kinds:
            self.kind.choices = words_of(kinds)
            if len(kinds) == 1 and not self.is_submitted():
                self.kind.data = kinds[0].value
        else:
            del self.kind
            self.submit.label.text = "保存更正"

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if len(self.items) != len(self.dimensions):
            self.refusal = "验收内容与设置不符，没有保存。请刷新页面后重新填写。"
            return False
        return valid

    def values(self) -> dict[str, Any]:
        """Return the arguments of `acceptances.record` or `correct`.

        The photos are resized without the write lock.
        """
        items = [
            Item(name, Mark(row.form.mark.data), text_of(row.form.note))
            for name, row in zip(self.dimensions, self.items, strict=True)
        ]
        conclusion = Conclusion(self.conclusion.data)
        words = typed(self, "held_on", "held_by", "opinion")
        findings = Findings(**words, conclusion=conclusion, items=items)
        kind = {"kind": AcceptanceKind(self.kind.data)} if "kind" in self else {}
        return {**kind, "findings": findings, "caption": text_of(self.caption), "photos": drawn(self.photos)}
