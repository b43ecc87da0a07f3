"""The forms of a workbook on its way in: choose a file, confirm its preview."""

from typing import Any

from flask_wtf.file import FileField, FileRequired, FileSize
from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired

from votes.forms.base import Form
from votes.services.imports import Sheet

LARGEST = 5 * 1024 * 1024


class UploadForm(Form):
    """A file of the given kind; `context` holds the further arguments of the sheet's `judge`."""

    file = FileField(
        "Excel 文件",
        [
            FileRequired("请选择 Excel 文件。"),
            FileSize(LARGEST, message="文件超过 5 MB，没有上传。请删去图片和多余的工作表。"),
        ],
        render_kw={"accept": ".xlsx"},
    )

    def __init__(self, sheet: Sheet, **context: Any) -> None:
        super().__init__(data=context)
        self.file.description = f".xlsx 格式，不超过 5 MB、{sheet.most_rows} 行"
        self.context = context


class YearUploadForm(UploadForm):
    year = IntegerField("实施年度", [InputRequired("请填写实施年度。")])

    def __init__(self, sheet: Sheet, hint: str, *, year: int) -> None:
        super().__init__(sheet, year=year)
        self.year.description = hint
        self.context = {"year": self.year.data}


class ApplyForm(Form):
    """`seen` is the digest of the comparison that was shown; `options` are further arguments of the sheet's `enter`."""

    seen = HiddenField()

    @property
    def options(self) -> dict[str, Any]:
        return {}
