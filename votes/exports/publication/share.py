"""Draw the picture that a chat shows beside a shared project: its progress in the light's colour."""

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

#: Pixels: 5:4, as WeChat crops it. The picture is drawn twice as large and reduced.
WIDTH, HEIGHT, SCALE = 600, 480, 2

#: Where the usual systems keep a font with Chinese characters.
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
)
_SIMPLIFIED = 2  # Noto's collections hold Japanese, Korean and simplified Chinese shapes in this order


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | None:
    """Return a font with Chinese characters; None where the machine has none: then the picture has no words."""
    for path in _FONTS:
        if Path(path).is_file():
            return ImageFont.truetype(path, size * SCALE, index=_SIMPLIFIED if "CJK" in path else 0)
    return None


def lines_of(text: str, width: int, size: int, most: int) -> list[str]:
    """Break ``text`` into at most ``most`` lines of ``width`` pixels at ``size``; an ellipsis ends what is cut."""
    room, lines, line, used = width / size, list[str](), "", 0.0
    for letter in text:
        wide = 1.0 if ord(letter) > 0x2E7F else 0.6
        if used + wide > room:
            lines.append(line)
            line, used = "", 0.0
        line, used = line + letter, used + wide
    lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][:-1] + "…"]
    return lines


def picture(
    *, place: str, title: str, word: str, fill: str, actual: int, planned: float, lines: Sequence[str] = ()
) -> bytes:
    """Return a PNG with the place, the project, the light's word on its colour and a bar of the progress.

    ``fill``: the colour (#rrggbb); ``actual`` and ``planned``: per cent.
    """
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), "#faf8f5")
    draw = ImageDraw.Draw(image)

    def box(x1: float, y1: float, x2: float, y2: float, colour: str, radius: int = 0) -> None:
        draw.rounded_rectangle([v * SCALE for v in (x1, y1, x2, y2)], radius * SCALE, fill=colour)

    def write(x: float, y: float, words: str, size: int, colour: str = "#1f1f1f") -> None:
        if (font := _font(size)) is not None:
            draw.text((x * SCALE, y * SCALE), words, font=font, fill=colour)

    box(0, 0, WIDTH, 84, "#a61b1b")
    write(32, 24, f"{place}民生实事项目", 26, "#ffffff")
    for order, line in enumerate(lines_of(title, WIDTH - 64, 40, 3)):
        write(32, 108 + order * 54, line, 40)
    box(32, 288, WIDTH - 32, 316, "#e7e2dc", 14)
    if actual:
        box(32, 288, 32 + max((WIDTH - 64) * min(actual, 100) / 100, 28), 316, fill, 14)
    mark = 32 + (WIDTH - 64) * min(max(planned, 0), 100) / 100
    box(mark - 2, 280, mark + 2, 324, "#1f1f1f")
    box(32, 344, 32 + 34 * len(word) + 36, 400, fill, 28)
    write(50, 351, word, 30, "#ffffff")
    write(32 + 34 * len(word) + 56, 351, f"进度 {actual}%", 30)
    for order, line in enumerate(lines[:2]):
        write(32, 416 + order * 30, line, 20, "#595959")
    out = BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()
