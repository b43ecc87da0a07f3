"""Files that people bring along: workbooks as an office would type them, a photo as a phone takes it."""

from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from PIL import Image, ImageDraw

ROSTER_HEAD = ["代表证号", "姓名", "性别", "民族", "出生年月", "代表团", "选区", "职务", "手机号", "状态"]
#: surnames and names that need the wider planes of Unicode, as rosters have them
NAMES = [
    "王䶮", "李㛃", "张𬍛", "陈𫖯", "欧阳明霞", "赵　敏", "周建国", "吴秀英", "郑海波", "孙丽华", "马志强", "朱桂兰",
    "胡永红", "林晓东", "何玉梅", "高文斌", "罗春燕", "梁国栋", "宋雪梅", "唐立新", "许家宁", "韩冬梅", "冯保田", "邓水生",
]  # fmt: skip
DELEGATIONS = ["城关代表团", "河口代表团", "机关代表团"]


def save(path: Path, title: str, rows: list[list[Any]], **sheets: list[list[Any]]) -> Path:
    """Save a workbook of one sheet, and of further ones."""
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = title
    for row in rows:
        first.append(row)
    for name, more in sheets.items():
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(row)
    book.save(path)
    return path


def roster_rows() -> list[list[Any]]:
    """24 deputies as they are typed: telephone numbers as numbers, birth months in every manner."""
    months: list[Any] = ["1968-05", "1971年3月", datetime(1980, 9, 1), 198802]
    return [
        [
            f"{i:03d}",
            name,
            "女" if i % 3 == 0 else "男",
            "汉" if i % 2 else "土家族",
            months[i % 4],
            DELEGATIONS[i % 3],
            f"第{i % 5 + 1}选区",
            "",
            13_900_000_000 + i,
            "在任",
        ]
        for i, name in enumerate(NAMES, start=1)
    ]


PROJECT_HEAD = [
    "实施年度", "项目名称", "类别", "项目类型", "建设内容和规模", "年度目标", "建设地点", "总投资（万元）",
    "当年计划投资（万元）", "完成时限", "受益范围", "受益人数", "牵头单位", "分管领导", "资金来源",
]  # fmt: skip
PROJECT_NAMES = [
    "示例镇农村公路改造",
    "城关小学食堂改扩建",
    "城区老旧小区加装电梯",
    "河口村安全饮水管网更新",
    "县医院发热门诊改造",
    "城南停车场新建",
]
CATEGORIES = ["交通出行", "教育", "住房保障", "饮水水利", "医疗卫生", "交通出行"]


def project_row(place: int, year: int, unit: str) -> list[Any]:
    """One candidate, complete enough to be submitted."""
    amount = 300 + 60 * place
    return [
        year,
        PROJECT_NAMES[place],
        CATEGORIES[place],
        "工程类",
        f"完成改造 {place + 3} 处，更新设备 {place * 20 + 40} 台（套），配套建设道路和管网 {place + 2} 公里。",
        "12 月底前完工并投入使用。",
        "示例镇",
        amount,
        float(amount),
        date(year, 12, 20),
        "沿线群众",
        1200 * (place + 1),
        unit,
        "副县长（示例）",
        f"县财政 {amount - 100}；上级专项 100",
    ]


def photo(path: Path) -> Path:
    """Save a JPEG as a phone makes it: with the place and the camera written into it."""
    image = Image.new("RGB", (1600, 1200), "#9fc5e8")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 760, 1600, 1200), fill="#6aa84f")
    draw.polygon([(620, 760), (980, 760), (1300, 1200), (300, 1200)], fill="#666666")
    exif = Image.Exif()
    exif[0x010F] = "示例相机"
    exif.get_ifd(0x8825)[1] = "N"
    image.save(path, "JPEG", exif=exif)
    return path


def huge_photo(path: Path) -> Path:
    """Save a picture of 20 MB, more than any page needs."""
    out = BytesIO()
    Image.new("RGB", (640, 480), "white").save(out, "JPEG")
    path.write_bytes(out.getvalue().ljust(20 * 1024 * 1024, b"\0"))
    return path
