"""Photographs of the demo year, drawn by code: flat landscapes that change with the month and the work's progress.

Each picture says 示例图片, so that nobody takes it for a real place.
"""

import random
import subprocess
from collections.abc import Callable
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 800
SCALE = 2  # drawn twice as large and reduced: smooth edges
HORIZON = 470

Colour = tuple[int, int, int]
Point = tuple[float, float]

FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
)


class Season(NamedTuple):
    """The colours of a time of the year."""

    sky: Colour
    glow: Colour  # the sky above the horizon
    far: Colour  # the hills, far and near
    near: Colour
    ground: Colour
    leaf: Colour
    bare: float  # share of the trees without leaves


WINTER = Season(
    (143, 178, 205), (231, 236, 236), (151, 171, 186), (138, 146, 132), (184, 176, 150), (128, 138, 104), 0.8
)
SPRING = Season(
    (120, 184, 222), (240, 240, 224), (136, 176, 186), (126, 170, 122), (172, 190, 126), (126, 176, 88), 0.15
)
SUMMER = Season(
    (84, 164, 220), (226, 240, 244), (112, 160, 170), (88, 148, 96), (142, 182, 102), (66, 138, 74), 0.0
)
AUTUMN = Season(
    (132, 176, 210), (246, 232, 206), (150, 164, 164), (172, 152, 92), (196, 178, 118), (206, 142, 58), 0.1
)
SEASONS = (WINTER, WINTER, SPRING, SPRING, SPRING, SUMMER, SUMMER, SUMMER, AUTUMN, AUTUMN, AUTUMN, WINTER)


def season(month: int) -> Season:
    """The colours of a month, 1 to 12."""
    return SEASONS[month - 1]


def tone(colour: Colour, factor: float) -> Colour:
    """Darker (factor below 1) or lighter (above 1)."""
    if factor <= 1:
        r, g, b = (round(c * factor) for c in colour)
    else:
        r, g, b = (round(c + (255 - c) * (factor - 1)) for c in colour)
    return r, g, b


def mix(one: Colour, other: Colour, share: float) -> Colour:
    r, g, b = (round(a + (z - a) * share) for a, z in zip(one, other, strict=True))
    return r, g, b


class Canvas:
    """A picture of 1200 × 800 points, its origin at the top left, with a pencil and dice of its own."""

    def __init__(self, month: int, dice: random.Random) -> None:
        self.season = season(month)
        self.dice = dice
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE))
        self.pencil = ImageDraw.Draw(self.image)

    def box(self, x: float, y: float, width: float, height: float, fill: Colour, round_: float = 0) -> None:
        corners = (x * SCALE, y * SCALE, (x + width) * SCALE, (y + height) * SCALE)
        if round_:
            self.pencil.rounded_rectangle(corners, round_ * SCALE, fill=fill)
        else:
            self.pencil.rectangle(corners, fill=fill)

    def shape(self, points: list[Point], fill: Colour) -> None:
        self.pencil.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def line(self, points: list[Point], fill: Colour, width: float = 3) -> None:
        self.pencil.line(
            [(x * SCALE, y * SCALE) for x, y in points], fill=fill, width=round(width * SCALE), joint="curve"
        )

    def disc(self, x: float, y: float, radius: float, fill: Colour, flat: float = 1) -> None:
        corners = (
            (x - radius) * SCALE,
            (y - radius * flat) * SCALE,
            (x + radius) * SCALE,
            (y + radius * flat) * SCALE,
        )
        self.pencil.ellipse(corners, fill=fill)

    def write(self, x: float, y: float, text: str, size: float, fill: Colour) -> float:
        """Write with the left end of the middle line at (x, y); answers the width in points."""
        font = face(round(size * SCALE))
        self.pencil.text((x * SCALE, y * SCALE), text, fill=fill, font=font, anchor="lm")
        return float(self.pencil.textlength(text, font=font)) / SCALE

    def jpeg(self, reduced: int = SCALE) -> bytes:
        out = BytesIO()
        self.image.reduce(reduced).save(out, "JPEG", quality=82)
        return out.getvalue()


@cache
def font_file() -> str | None:
    """A font with Chinese signs, asked of fontconfig and then looked for in the usual places."""
    try:
        asked = subprocess.run(
            ["fc-match", "-f", "%{file}", ":lang=zh-cn"],
            capture_output=True, text=True, timeout=10, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        asked = ""
    for path in (asked, *FONTS):
        if path and Path(path).is_file() and _writes_chinese(path):
            return path
    return None


def _writes_chinese(path: str) -> bool:
    """fontconfig answers with some font even where none knows Chinese: compare with the sign for "missing"."""
    try:
        font = ImageFont.truetype(path, 32)
    except OSError:
        return False
    return bytes(font.getmask("示")) != bytes(font.getmask("\uffff"))


@cache
def face(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    path = font_file()
    return ImageFont.truetype(path, size) if path else ImageFont.load_default(size)


# --- the landscape -------------------------------------------------------------------------------------


def landscape(canvas: Canvas) -> None:
    """Sky, sun, clouds, two rows of hills, ground."""
    colours, dice = canvas.season, canvas.dice
    for y in range(HORIZON):
        canvas.box(0, y, WIDTH, 1, mix(colours.sky, colours.glow, (y / HORIZON) ** 1.4))
    canvas.disc(dice.randint(820, 1080), dice.randint(90, 170), 44, tone(colours.glow, 1.7))
    for _ in range(3):
        cloud(canvas, dice.randint(40, 1100), dice.randint(60, 210), dice.uniform(0.6, 1.2))
    hills(canvas, colours.far, 150, 130)
    hills(canvas, colours.near, 90, 70)
    canvas.box(0, HORIZON, WIDTH, HEIGHT - HORIZON, colours.ground)
    for step in range(6):
        band = HORIZON + step * step * 11
        canvas.box(0, band, WIDTH, HEIGHT - band, tone(colours.ground, 1 - step * 0.015))


def cloud(canvas: Canvas, x: float, y: float, size: float) -> None:
    white = mix(canvas.season.glow, (255, 255, 255), 0.75)
    for dx, dy, radius in ((-62, 8, 30), (-24, -6, 42), (22, -2, 36), (62, 9, 27)):
        canvas.disc(x + dx * size, y + dy * size, radius * size, white)
    canvas.box(x - 62 * size, y + 8 * size, 124 * size, 30 * size, white, 14 * size)


def hills(canvas: Canvas, colour: Colour, height: float, rough: float) -> None:
    dice, points = canvas.dice, [(0.0, float(HORIZON))]
    tops = [(x, HORIZON - height * dice.uniform(0.35, 1.0)) for x in range(-100, WIDTH + 300, 170)]
    for (x0, y0), (x1, y1) in pairwise(tops):
        for step in range(12):
            share = step / 12
            smooth = share * share * (3 - 2 * share)
            points.append((x0 + (x1 - x0) * share, y0 + (y1 - y0) * smooth + rough * 0.1))
    points.append((WIDTH, HORIZON))
    canvas.shape(points, colour)


def tree(canvas: Canvas, x: float, foot: float, size: float = 1) -> None:
    colours, dice = canvas.season, canvas.dice
    trunk = (110, 84, 62)
    canvas.box(x - 4 * size, foot - 46 * size, 8 * size, 46 * size, trunk)
    if dice.random() < colours.bare:
        for dx, dy in ((-22, -92), (-10, -104), (4, -110), (16, -98), (24, -86)):
            canvas.line([(x, foot - 44 * size), (x + dx * size, foot + dy * size)], trunk, 3 * size)
        return
    leaf = mix(colours.leaf, tone(colours.leaf, dice.choice((0.85, 1.12))), 0.6)
    canvas.disc(x, foot - 78 * size, 36 * size, leaf)
    canvas.disc(x - 20 * size, foot - 60 * size, 26 * size, tone(leaf, 0.93))
    canvas.disc(x + 22 * size, foot - 62 * size, 25 * size, tone(leaf, 0.93))
    canvas.disc(x - 6 * size, foot - 92 * size, 24 * size, tone(leaf, 1.1))


def poplar(canvas: Canvas, x: float, foot: float, size: float = 1) -> None:
    canvas.box(x - 3 * size, foot - 40 * size, 6 * size, 40 * size, (116, 92, 70))
    canvas.disc(x, foot - 84 * size, 19 * size, canvas.season.leaf, 2.9)
    canvas.disc(x - 5 * size, foot - 92 * size, 10 * size, tone(canvas.season.leaf, 1.12), 3.6)


def cottage(canvas: Canvas, x: float, foot: float, size: float = 1) -> None:
    """A village house: white walls under a dark roof."""
    wall, roof = (238, 232, 220), (92, 96, 104)
    canvas.box(x, foot - 52 * size, 104 * size, 52 * size, wall)
    canvas.shape(
        [
            (x - 12 * size, foot - 50 * size),
            (x + 14 * size, foot - 86 * size),
            (x + 90 * size, foot - 86 * size),
            (x + 116 * size, foot - 50 * size),
        ],
        roof,
    )
    canvas.box(x + 44 * size, foot - 34 * size, 18 * size, 34 * size, (136, 92, 66))
    for dx in (14, 74):
        canvas.box(x + dx * size, foot - 36 * size, 18 * size, 16 * size, (134, 164, 178))


def fence(canvas: Canvas, x: float, foot: float, width: float) -> None:
    """The blue hoarding around a building site."""
    canvas.box(x, foot - 44, width, 44, (62, 118, 168))
    canvas.box(x, foot - 44, width, 7, (236, 240, 242))
    canvas.box(x, foot - 5, width, 5, (214, 170, 60))
    for post in range(int(width // 76) + 1):
        canvas.box(x + post * 76, foot - 44, 3, 44, (48, 96, 140))


def crane(canvas: Canvas, x: float, foot: float, height: float) -> None:
    """A tower crane."""
    yellow = (226, 166, 40)
    top = foot - height
    for side in (0, 16):
        canvas.line([(x + side, foot), (x + side, top)], yellow, 4)
    for rung in range(int(height // 18)):
        y = foot - rung * 18
        canvas.line([(x, y), (x + 16, y - 18)], yellow, 2)
    canvas.line([(x - 84, top + 6), (x + 250, top + 6)], yellow, 5)
    canvas.line([(x - 84, top - 10), (x + 250, top + 6)], yellow, 2)
    canvas.line([(x + 8, top - 40), (x - 84, top + 6)], yellow, 2)
    canvas.line([(x + 8, top - 40), (x + 200, top + 6)], yellow, 2)
    canvas.line([(x, top + 6), (x + 8, top - 40), (x + 16, top + 6)], yellow, 4)
    canvas.box(x - 84, top + 6, 34, 26, (120, 118, 112))
    canvas.line([(x + 190, top + 6), (x + 190, top + 96)], (70, 70, 70), 2)
    canvas.box(x + 176, top + 96, 28, 12, (150, 110, 70))


def excavator(canvas: Canvas, x: float, foot: float, size: float = 1) -> None:
    yellow, dark = (232, 172, 44), (64, 64, 66)
    canvas.box(x, foot - 24 * size, 116 * size, 24 * size, dark, 12 * size)
    for wheel in (14, 58, 102):
        canvas.disc(x + wheel * size, foot - 12 * size, 8 * size, (108, 108, 108))
    canvas.box(x + 8 * size, foot - 62 * size, 96 * size, 38 * size, yellow, 5 * size)
    canvas.box(x + 58 * size, foot - 96 * size, 42 * size, 40 * size, tone(yellow, 0.9), 4 * size)
    canvas.box(x + 66 * size, foot - 90 * size, 28 * size, 24 * size, (150, 190, 206))
    arm = [
        (x + 100 * size, foot - 52 * size),
        (x + 170 * size, foot - 122 * size),
        (x + 216 * size, foot - 58 * size),
    ]
    canvas.line(arm, tone(yellow, 0.88), 11 * size)
    canvas.shape(
        [
            (x + 200 * size, foot - 62 * size),
            (x + 234 * size, foot - 62 * size),
            (x + 228 * size, foot - 26 * size),
            (x + 196 * size, foot - 34 * size),
        ],
        dark,
    )


def heap(canvas: Canvas, x: float, foot: float, width: float, colour: Colour = (158, 128, 92)) -> None:
    canvas.shape(
        [(x, foot), (x + width * 0.3, foot - width * 0.26), (x + width * 0.55, foot - width * 0.2),
         (x + width * 0.7, foot - width * 0.28), (x + width, foot)],
        colour,
    )  # fmt: skip
    canvas.shape(
        [(x + width * 0.5, foot), (x + width * 0.7, foot - width * 0.28), (x + width, foot)],
        tone(colour, 0.88),
    )


def person(
    canvas: Canvas, x: float, foot: float, coat: Colour, size: float = 1, helmet: bool = False
) -> None:
    canvas.box(x - 7 * size, foot - 24 * size, 6 * size, 24 * size, (62, 66, 84))
    canvas.box(x + 1 * size, foot - 24 * size, 6 * size, 24 * size, (62, 66, 84))
    canvas.box(x - 9 * size, foot - 54 * size, 18 * size, 32 * size, coat, 6 * size)
    canvas.disc(x, foot - 63 * size, 8 * size, (232, 196, 164))
    if helmet:
        canvas.box(x - 9 * size, foot - 72 * size, 18 * size, 7 * size, (236, 186, 46), 3 * size)


def car(canvas: Canvas, x: float, foot: float, colour: Colour, size: float = 1) -> None:
    canvas.box(x, foot - 34 * size, 96 * size, 24 * size, colour, 7 * size)
    canvas.shape(
        [
            (x + 16 * size, foot - 32 * size),
            (x + 30 * size, foot - 54 * size),
            (x + 68 * size, foot - 54 * size),
            (x + 84 * size, foot - 32 * size),
        ],
        tone(colour, 0.9),
    )
    canvas.shape(
        [
            (x + 24 * size, foot - 34 * size),
            (x + 34 * size, foot - 49 * size),
            (x + 64 * size, foot - 49 * size),
            (x + 75 * size, foot - 34 * size),
        ],
        (188, 212, 222),
    )
    for wheel in (22, 74):
        canvas.disc(x + wheel * size, foot - 10 * size, 11 * size, (50, 50, 54))
        canvas.disc(x + wheel * size, foot - 10 * size, 5 * size, (176, 176, 176))


def building(
    canvas: Canvas,
    x: float,
    foot: float,
    floors: int,
    bays: int,
    wall: Colour,
    trim: Colour,
    done: float,
    *,
    bay: float = 58,
    storey: float = 62,
) -> float:
    """A house that grows floor by floor, then gets its windows, then its colour; answers its full height."""
    width, full = bays * bay, floors * storey
    structure = min(done / 0.6, 1.0)  # the frame stands at three fifths of the work
    finish = max(0.0, (done - 0.6) / 0.35)
    height = full * structure
    concrete = (186, 182, 174)
    rising = structure < 1
    if not rising:
        canvas.box(x, foot - full, width, full, mix(concrete, wall, min(finish, 1.0)))
    for floor in range(floors):
        base = foot - floor * storey
        if base - storey * 0.3 < foot - height - storey:
            break
        shown = min(storey, max(0.0, height - floor * storey))
        if rising and shown > 4:
            canvas.box(x, base - shown, width, shown, (204, 202, 196))
            for column in range(bays + 1):
                canvas.box(x + column * bay - 5, base - shown, 10, shown, concrete)
            canvas.box(x - 6, base - 8, width + 12, 8, tone(concrete, 0.9))
        if not rising:
            for column in range(bays):
                glass = (128, 168, 190) if finish >= 0.5 else (92, 96, 98)
                left, top = x + column * bay + bay * 0.2, base - storey * 0.76
                canvas.box(left, top, bay * 0.6, storey * 0.5, tone(wall, 1.6) if finish >= 0.5 else concrete)
                canvas.box(left + 3, top + 3, bay * 0.6 - 6, storey * 0.5 - 6, glass)
                if finish >= 0.5:
                    canvas.box(left + bay * 0.3 - 1.5, top + 3, 3, storey * 0.5 - 6, tone(wall, 1.5))
            if finish >= 1:
                canvas.box(x - 4, base - storey, width + 8, 6, trim)
    if finish >= 1:
        canvas.box(x - 12, foot - full - 16, width + 24, 18, trim)
    if 0.07 < done < 0.9:
        scaffold(canvas, x - 20, foot, width + 40, max(height, storey * 0.6) + 16)
    return full


def scaffold(canvas: Canvas, x: float, foot: float, width: float, height: float) -> None:
    steel = (104, 120, 112)
    for pole in range(int(width // 44) + 1):
        canvas.line([(x + pole * 44, foot), (x + pole * 44, foot - height)], steel, 2.4)
    for level in range(1, int(height // 31) + 1):
        canvas.line([(x, foot - level * 31), (x + width, foot - level * 31)], steel, 2.4)
    for pole in range(0, int(width // 44), 3):
        canvas.line(
            [(x + pole * 44, foot), (x + pole * 44 + 88, foot - min(height, 62))], tone(steel, 1.2), 1.6
        )


def site(canvas: Canvas, done: float, x: float, foot: float) -> None:
    """What stands about while work goes on, and what is there when it is over."""
    dice = canvas.dice
    if done >= 0.95:
        for spot in range(4):
            person(canvas, x + 60 + spot * 150 + dice.randint(-30, 30), foot + 90 + dice.randint(0, 60),
                   dice.choice(((196, 72, 64), (64, 110, 168), (226, 178, 70), (90, 140, 100))), 0.95)  # fmt: skip
        return
    fence(canvas, 40, foot + 34, 420)
    if done < 0.05:
        return  # fenced in, not yet begun
    if done < 0.35:
        heap(canvas, x + 250, foot + 66, 210)
        excavator(canvas, x - 20, foot + 84)
    else:
        heap(canvas, x + 360, foot + 78, 130, (196, 186, 160))
    for spot in range(3):
        person(
            canvas, x + 60 + spot * 170 + dice.randint(-40, 40), foot + 112, (236, 122, 44), 0.95, helmet=True
        )


# --- the scenes ----------------------------------------------------------------------------------------


def road(canvas: Canvas, done: float) -> None:
    """A village road winding to the hills; asphalt reaches as far as the work has come."""
    for left, scale in ((70, 0.7), (196, 0.62), (930, 0.66), (1040, 0.74)):
        cottage(canvas, left, HORIZON + 26 * scale, scale)
    earth, asphalt = (176, 150, 112), (86, 90, 96)

    def middle(share: float) -> tuple[float, float, float]:
        """Middle, height and half-width of the road at a share of the way from the viewer."""
        y = HEIGHT - share * (HEIGHT - HORIZON - 4)
        near = (1 - share) ** 1.5
        return 560 + 190 * (share - 0.15) * near + 60 * share, y, 12 + 300 * near

    steps = 60
    spots = [middle(step / steps) for step in range(steps + 1)]
    laid = round(steps * (1 - (1 - min(done, 1)) ** 1.6))
    for step in range(steps):
        (x0, y0, w0), (x1, y1, w1) = spots[step], spots[step + 1]
        surface = asphalt if step < laid else earth
        rim = 1.12
        canvas.shape(
            [(x0 - w0 * rim, y0), (x0 + w0 * rim, y0), (x1 + w1 * rim, y1), (x1 - w1 * rim, y1)],
            tone(canvas.season.ground, 0.86),
        )
        canvas.shape([(x0 - w0, y0), (x0 + w0, y0), (x1 + w1, y1), (x1 - w1, y1)], surface)
    for step in range(laid):
        (x0, y0, w0), (x1, y1, w1) = spots[step], spots[step + 1]
        for side in (-0.93, 0.93):
            canvas.line([(x0 + w0 * side, y0), (x1 + w1 * side, y1)], (238, 236, 228), max(1, w0 * 0.016))
        if step % 4 < 2:
            canvas.line([(x0, y0), (x1, y1)], (240, 208, 96), max(1, w0 * 0.02))
    for step in range(4, steps, 6):
        x, y, width = spots[step]
        size = 0.25 + width / 260
        tree(canvas, x - width * 1.3 - 46 * size, y, size)
        tree(canvas, x + width * 1.3 + 46 * size, y, size)
    if done >= 0.95:
        for step in range(0, laid, 3):
            (x, y, width) = spots[step]
            canvas.box(
                x + width * 1.02, y - width * 0.16, max(2.0, width * 0.025), width * 0.16, (226, 228, 230)
            )
        for step in range(0, laid - 3, 3):
            (x0, y0, w0), (x1, y1, w1) = spots[step], spots[step + 3]
            canvas.line(
                [(x0 + w0 * 1.03, y0 - w0 * 0.13), (x1 + w1 * 1.03, y1 - w1 * 0.13)],
                (226, 228, 230), max(1.4, w0 * 0.022),
            )  # fmt: skip
        x, y, width = spots[14]
        car(canvas, x + width * 0.1, y, (196, 66, 60), width / 115)
    else:
        x, y, width = spots[min(max(laid, 8), 20)]
        excavator(canvas, x - width * 0.7, y, width / 190 + 0.2)
        for spot in range(2):
            person(
                canvas, x + width * (0.4 + spot * 0.3), y + 6, (236, 122, 44), width / 190 + 0.2, helmet=True
            )


def bridge(canvas: Canvas, done: float) -> None:
    """A bridge over a river; pier by pier, then span by span."""
    water, deck = (106, 160, 186), (196, 194, 188)
    canvas.box(0, 560, WIDTH, 180, water)
    for _ in range(46):
        x, y = canvas.dice.randint(0, WIDTH), canvas.dice.randint(580, 730)
        canvas.box(x, y, canvas.dice.randint(30, 110), 2.5, tone(water, 1.25))
    canvas.box(0, 735, WIDTH, 65, tone(canvas.season.ground, 0.95))
    bank = tone(canvas.season.ground, 0.92)
    canvas.shape([(0, 520), (170, 520), (230, 575), (150, 640), (0, 660)], bank)
    canvas.shape([(WIDTH, 520), (1030, 520), (970, 575), (1050, 640), (WIDTH, 660)], bank)
    for x in (46, 110, 1080, 1140):
        tree(canvas, x, 540, 0.8)
    piers = (330, 510, 690, 870)
    ready = min(done / 0.45, 1.0) * len(piers)
    for index, x in enumerate(piers):
        grown = min(1.0, max(0.0, ready - index))
        if grown:
            height = 186 * grown
            canvas.box(x - 15, 650 - height, 30, height, (172, 170, 164))
            canvas.box(x + 5, 650 - height, 10, height, (152, 150, 146))
            canvas.disc(x, 650, 26, tone(water, 0.9), 0.25)
            if grown == 1:
                canvas.box(x - 30, 456, 60, 14, (160, 158, 152))
    reach = 150 + (1050 - 150) * min(1.0, max(0.0, (done - 0.4) / 0.45))
    if reach > 160:
        canvas.box(100, 436, reach - 100, 26, deck)
        canvas.box(100, 458, reach - 100, 8, tone(deck, 0.8))
        if done >= 0.9:
            for post in range(110, 1100, 26):
                canvas.box(post, 410, 4, 28, (232, 232, 228))
            canvas.box(100, 406, 1000, 6, (186, 60, 52))
            for lamp in range(190, 1060, 190):
                canvas.box(lamp, 330, 5, 108, (96, 104, 112))
                canvas.box(lamp - 20, 328, 45, 5, (96, 104, 112), 2)
            car(canvas, 560, 440, (62, 116, 178), 0.62)
            car(canvas, 300, 440, (214, 196, 80), 0.62)
        ramp = tone(bank, 0.9)
        canvas.shape([(0, 446), (112, 436), (112, 462), (186, 534), (0, 534)], ramp)
        if reach > 1040:
            canvas.shape([(WIDTH, 446), (1048, 436), (1048, 462), (1014, 534), (WIDTH, 534)], ramp)
    if done < 0.9:
        crane(canvas, 980, 560, 330)
        excavator(canvas, 40, 560, 0.8)
    for x in (380, 820):
        person(canvas, x, 786, (64, 110, 168), 0.9)


def school(canvas: Canvas, done: float) -> None:
    """A teaching building with playground and flag."""
    foot = 600
    for x in (40, 100, 1130):
        poplar(canvas, x, 500, 1.1)
    full = building(canvas, 300, foot, 3, 10, (244, 232, 206), (186, 66, 54), done, bay=60, storey=74)
    if done >= 0.95:
        canvas.box(560, foot - full - 78, 84, 78, (186, 66, 54))
        canvas.disc(602, foot - full - 42, 24, (250, 248, 240))
        canvas.line([(602, foot - full - 42), (602, foot - full - 58)], (60, 60, 60), 3)
        canvas.line([(602, foot - full - 42), (613, foot - full - 38)], (60, 60, 60), 3)
        canvas.box(572, foot - 66, 60, 66, (120, 90, 70))
        canvas.disc(640, 716, 330, (198, 92, 70), 0.22)
        canvas.disc(640, 716, 236, (112, 164, 98), 0.19)
        canvas.line([(1010, 640), (1010, 380)], (210, 212, 214), 5)
        canvas.shape([(1013, 384), (1078, 384), (1078, 428), (1013, 428)], (212, 46, 38))
    elif done > 0.08:
        crane(canvas, 960, foot, 400)
    for x in (206, 256, 1110):
        tree(canvas, x, foot + 20, 0.9)
    site(canvas, done, 420, foot)


def kindergarten(canvas: Canvas, done: float) -> None:
    """A low, colourful house with a slide."""
    foot = 590
    colours = ((238, 178, 78), (120, 178, 196), (226, 132, 108), (154, 190, 110))
    for index, colour in enumerate(colours):
        x = 240 + index * 186
        part = min(1.0, max(0.0, done * 1.25 - index * 0.07))
        full = building(canvas, x, foot, 2, 3, tone(colour, 1.35), colour, part, bay=62, storey=82)
        if done >= 0.95:
            canvas.shape(
                [(x - 12, foot - full - 14), (x + 93, foot - full - 74), (x + 198, foot - full - 14)], colour
            )
            canvas.disc(x + 93, foot - full - 36, 13, (250, 248, 240))
    if done >= 0.95:
        canvas.disc(620, 720, 350, (232, 202, 130), 0.2)
        canvas.box(470, 596, 10, 104, (196, 84, 66))
        canvas.box(530, 596, 10, 104, (196, 84, 66))
        canvas.shape([(462, 600), (505, 560), (548, 600)], (84, 148, 178))
        canvas.line([(540, 614), (600, 668), (676, 700)], (238, 188, 66), 15)
        canvas.line([(780, 700), (812, 610), (844, 700)], (96, 150, 110), 7)
        canvas.line([(920, 700), (952, 610), (984, 700)], (96, 150, 110), 7)
        canvas.line([(812, 610), (952, 610)], (96, 150, 110), 7)
        canvas.line([(866, 612), (866, 672), (896, 672), (896, 612)], (110, 90, 76), 3)
    for x in (90, 160, 1080, 1150):
        tree(canvas, x, foot + 16, 1.0)
    site(canvas, done, 420, foot + 10)


def clinic(canvas: Canvas, done: float) -> None:
    """A township health centre with the white cross on green."""
    foot = 600
    for x in (50, 1110, 1160):
        poplar(canvas, x, 510, 1.05)
    green = (58, 142, 112)
    full = building(canvas, 330, foot, 4, 9, (240, 242, 238), green, done, bay=62, storey=64)
    building(canvas, 190, foot, 2, 2, (228, 234, 230), green, min(1, done * 1.2), bay=66, storey=64)
    if done >= 0.95:
        canvas.box(560, foot - full - 84, 96, 86, green, 8)
        canvas.box(599, foot - full - 72, 18, 58, (250, 250, 248))
        canvas.box(579, foot - full - 52, 58, 18, (250, 250, 248))
        canvas.box(540, foot - 84, 140, 14, green)
        canvas.box(556, foot - 70, 108, 70, (150, 184, 196))
        canvas.box(607, foot - 70, 5, 70, (240, 242, 240))
        ambulance(canvas, 800, foot + 96)
    elif done > 0.08:
        crane(canvas, 940, foot, 390)
    for x in (110, 1030):
        tree(canvas, x, foot + 22, 1.0)
    site(canvas, done, 380, foot)


def ambulance(canvas: Canvas, x: float, foot: float) -> None:
    canvas.box(x, foot - 88, 190, 74, (248, 248, 246), 8)
    canvas.shape(
        [
            (x + 150, foot - 86),
            (x + 186, foot - 80),
            (x + 214, foot - 46),
            (x + 214, foot - 14),
            (x + 150, foot - 14),
        ],
        (248, 248, 246),
    )
    canvas.shape(
        [(x + 160, foot - 76), (x + 182, foot - 72), (x + 200, foot - 46), (x + 160, foot - 46)],
        (150, 186, 200),
    )
    canvas.box(x, foot - 44, 214, 9, (196, 60, 52))
    canvas.box(x + 60, foot - 78, 9, 27, (196, 60, 52))
    canvas.box(x + 51, foot - 69, 27, 9, (196, 60, 52))
    canvas.box(x + 120, foot - 98, 26, 11, (64, 116, 190), 3)
    for wheel in (44, 172):
        canvas.disc(x + wheel, foot - 14, 18, (48, 48, 52))
        canvas.disc(x + wheel, foot - 14, 8, (180, 180, 180))


def care(canvas: Canvas, done: float) -> None:
    """A care home: three wings, a garden, people on a bench."""
    foot = 600
    wall, trim = (246, 226, 200), (166, 104, 66)
    for x in (60, 1140):
        tree(canvas, x, 540, 1.3)
    building(canvas, 160, foot, 3, 4, wall, trim, min(1, done * 1.1), bay=64, storey=66)
    full = building(canvas, 440, foot, 5, 5, tone(wall, 1.3), trim, done, bay=64, storey=66)
    building(canvas, 784, foot, 3, 4, wall, trim, max(0, done * 0.95) if done < 1 else 1, bay=64, storey=66)
    if done >= 0.95:
        canvas.shape([(420, foot - full - 14), (600, foot - full - 76), (780, foot - full - 14)], trim)
        canvas.box(540, foot - 80, 120, 12, trim)
        canvas.box(560, foot - 68, 80, 68, (150, 184, 196))
        canvas.disc(600, 712, 300, tone(canvas.season.leaf, 1.25), 0.18)
        canvas.line([(430, 716), (560, 716)], (140, 96, 62), 9)
        for x in (446, 544):
            canvas.line([(x, 716), (x, 744)], (110, 80, 56), 5)
        for x, coat in ((466, (150, 92, 110)), (516, (92, 112, 140))):
            person(canvas, x, 740, coat, 0.95)
    elif done > 0.1:
        crane(canvas, 960, foot, 420)
    site(canvas, done, 420, foot)


def water(canvas: Canvas, done: float) -> None:
    """A waterworks: round basins, a pump house, the pipe on its way to the village."""
    for x, size in ((830, 0.8), (950, 0.9), (1070, 0.78)):
        cottage(canvas, x, HORIZON + 30, size)
    foot = 590
    building(
        canvas, 120, foot - 10, 2, 5, (232, 238, 242), (54, 116, 160), min(1, done * 1.15), bay=60, storey=66
    )
    for index, (x, y) in enumerate(((560, 590), (760, 612))):
        part = done * 1.2 - index * 0.25
        if part > 0.1:
            canvas.disc(x, y + 40, 104, (150, 152, 150), 0.42)
            canvas.disc(x, y + 6, 104, (206, 208, 206), 0.42)
            fill = (86, 158, 196) if part > 0.85 else (136, 138, 136)
            canvas.disc(x, y + 6, 90, fill, 0.4)
            if part > 0.85:
                canvas.disc(x - 20, y, 46, tone(fill, 1.25), 0.3)
                canvas.line([(x - 96, y + 4), (x + 96, y + 4)], (96, 104, 110), 5)
                for rail in range(-96, 97, 24):
                    canvas.line([(x + rail, y + 4), (x + rail, y - 14)], (96, 104, 110), 2)
                canvas.line([(x - 96, y - 14), (x + 96, y - 14)], (96, 104, 110), 2)
    trench = tone(canvas.season.ground, 0.72)
    canvas.shape(
        [(0, 720), (WIDTH, 668), (WIDTH, 704), (0, 772)],
        trench if done < 0.9 else tone(canvas.season.ground, 0.9),
    )
    reach = WIDTH * min(1.0, done * 1.1)
    if reach > 30:
        end = 742 - 56 * reach / WIDTH
        canvas.line([(0, 742), (reach, end)], (60, 122, 170), 20)
        canvas.line([(0, 737), (reach, end - 5)], (112, 166, 204), 6)
        for joint in range(120, int(reach), 160):
            canvas.line(
                [(joint, 742 - 56 * joint / WIDTH - 13), (joint, 742 - 56 * joint / WIDTH + 13)],
                (42, 92, 134),
                9,
            )
    if done < 0.9:
        excavator(canvas, min(reach, 900) + 30, 690 - 30 * reach / WIDTH, 0.95)
        person(canvas, max(80.0, reach - 120), 716, (236, 122, 44), 0.9, helmet=True)
    else:
        tree(canvas, 1010, 640, 1)
        tree(canvas, 1110, 652, 1.1)
    tree(canvas, 70, 570, 1.0)


def housing(canvas: Canvas, done: float) -> None:
    """Old blocks of flats that get their new faces one after the other."""
    foot = 610
    for index, x in enumerate((70, 430, 800)):
        part = min(1.0, max(0.0, done * 1.5 - index * 0.25))
        old, fresh = (178, 164, 148), ((240, 226, 200), (226, 232, 230), (242, 220, 204))[index]
        wall = mix(old, fresh, 1.0 if part > 0.8 else 0.0)
        canvas.box(x, foot - 330, 320, 330, wall)
        canvas.box(x - 8, foot - 344, 336, 16, (170, 84, 62) if part >= 1 else (136, 128, 120))
        for floor in range(5):
            y = foot - 318 + floor * 64
            for column in range(5):
                left = x + 20 + column * 58
                if column == 2:
                    canvas.box(left + 4, y, 34, 52, (150, 176, 190) if part > 0.8 else (120, 122, 124))
                    continue
                canvas.box(left, y + 4, 44, 34, (250, 248, 242) if part > 0.8 else (150, 146, 140))
                canvas.box(left + 3, y + 7, 38, 28, (118, 160, 184) if part > 0.8 else (96, 106, 112))
                canvas.box(left - 3, y + 38, 50, 8, (186, 96, 72) if part > 0.8 else (140, 132, 122))
        canvas.box(x + 136, foot - 48, 42, 48, (110, 76, 60))
        if 0.05 < part < 0.95:
            scaffold(canvas, x - 12, foot, 344, 330)
            canvas.box(x - 12, foot - 200, 344, 5, (78, 140, 110))
    canvas.box(0, foot, WIDTH, 36, (206, 202, 194))
    canvas.box(0, foot + 36, WIDTH, 104, (120, 122, 126) if done > 0.7 else (168, 154, 130))
    if done > 0.7:
        for x in range(40, WIDTH, 130):
            canvas.box(x, foot + 52, 4, 62, (240, 240, 236))
        for x, colour in (
            (60, (186, 66, 60)),
            (320, (236, 236, 232)),
            (580, (64, 110, 160)),
            (970, (150, 154, 158)),
        ):
            car(canvas, x, foot + 116, colour, 0.95)
    else:
        heap(canvas, 460, foot + 110, 150, (190, 176, 150))
        for x in (300, 700, 860):
            person(canvas, x, foot + 104, (236, 122, 44), 0.95, helmet=True)
    for x in (404, 776, 1160):
        tree(canvas, x, foot + 30, 0.85)


def sewage(canvas: Canvas, done: float) -> None:
    """A village by its stream: the pipe is laid, the treatment box stands, the water clears."""
    for x, size in ((60, 1.0), (230, 0.9), (400, 1.05), (860, 0.95), (1020, 1.05)):
        cottage(canvas, x, 548, size)
    murky, clear = (132, 136, 104), (98, 168, 190)
    stream = mix(murky, clear, min(1.0, done * 1.1))
    canvas.shape(
        [
            (0, 700),
            (300, 664),
            (640, 690),
            (920, 650),
            (WIDTH, 668),
            (WIDTH, 770),
            (900, 752),
            (620, 790),
            (280, 760),
            (0, HEIGHT),
        ],
        stream,
    )
    for _ in range(24):
        x = canvas.dice.randint(0, WIDTH)
        canvas.box(x, canvas.dice.randint(705, 745), canvas.dice.randint(26, 70), 2.5, tone(stream, 1.3))
    reach = 80 + 640 * min(1.0, done * 1.25)
    canvas.box(60, 592, 700, 26, tone(canvas.season.ground, 0.74 if done < 0.8 else 0.92))
    if done < 0.8:
        canvas.box(60, 598, reach - 60, 14, (214, 120, 62))
        for joint in range(120, int(reach), 90):
            canvas.box(joint, 594, 10, 22, (176, 92, 44))
        excavator(canvas, min(reach, 700) - 30, 596, 0.8)
    else:
        for cover in (160, 330, 500, 670):
            canvas.disc(cover, 606, 20, (96, 98, 100), 0.36)
    if done > 0.45:
        canvas.box(800, 570, 216, 72, (70, 132, 108), 6)
        canvas.box(800, 570, 216, 14, (54, 108, 88), 4)
        for panel in range(4):
            canvas.box(816 + panel * 50, 594, 36, 38, (92, 156, 130))
        canvas.line([(1016, 622), (1080, 622), (1080, 668)], (120, 126, 128), 8)
    for x in (560, 720, 1150):
        tree(canvas, x, 566, 0.95)
    if done >= 0.95:
        for x in range(30, WIDTH, 58):
            canvas.line([(x, 682), (x - 8, 644)], (96, 150, 84), 4)
            canvas.line([(x + 6, 682), (x + 14, 650)], (112, 166, 92), 4)
    person(canvas, 640, 650, (64, 110, 168) if done > 0.8 else (236, 122, 44), 0.95, helmet=done <= 0.8)


def parking(canvas: Canvas, done: float) -> None:
    """A car park with charging posts; the town behind it."""
    for index, (x, height) in enumerate(
        ((40, 150), (190, 210), (330, 130), (760, 180), (900, 250), (1050, 160))
    ):
        wall = ((214, 206, 192), (198, 206, 210), (222, 200, 178))[index % 3]
        canvas.box(x, 520 - height, 124, height, wall)
        for row in range(int(height // 34)):
            for column in range(4):
                canvas.box(x + 12 + column * 28, 532 - height + row * 34, 16, 18, (138, 162, 176))
    paved = done > 0.5
    canvas.shape(
        [(0, 540), (WIDTH, 540), (WIDTH, HEIGHT), (0, HEIGHT)], (104, 108, 114) if paved else (180, 156, 118)
    )
    for x in range(40, WIDTH, 150):
        tree(canvas, x + 20, 548, 0.7)
    ready = round(9 * min(1.0, max(0.0, (done - 0.45) / 0.5)))
    if paved:
        for slot in range(10):
            top, low = 130 + slot * 106, 20 + slot * 130
            canvas.line([(top, 596), (low, 716)], (240, 240, 236), 4)
        canvas.line([(0, 740), (WIDTH, 740)], (240, 208, 96), 4)
        palette = ((186, 66, 60), (236, 236, 232), (64, 110, 160), (90, 96, 104), (214, 186, 86))
        for slot in range(ready):
            x = 132 + slot * 108
            canvas.box(x + 20, 556, 24, 52, (242, 244, 244), 5)
            canvas.box(x + 25, 564, 14, 13, (70, 160, 116))
            canvas.line([(x + 44, 580), (x + 58, 600), (x + 50, 624)], (60, 64, 68), 3)
            if done > 0.9 and slot not in (2, 6):
                car(canvas, x - 34, 700, palette[slot % 5], 1.0)
    if done < 0.9:
        heap(canvas, 820, 650, 170)
        excavator(canvas, 520, 690, 1.0)
        for x in (300, 400):
            person(canvas, x, 690, (236, 122, 44), 1.0, helmet=True)
        fence(canvas, 0, 575, 300)


def home(canvas: Canvas, done: float) -> None:
    """A courtyard made easy for old people: ramp, rail, wide door."""
    canvas.box(0, 640, WIDTH, 160, (196, 186, 166))
    wall, roof = (240, 232, 216), (110, 98, 92)
    canvas.box(180, 360, 840, 290, wall)
    canvas.shape([(140, 366), (220, 262), (980, 262), (1060, 366)], roof)
    for row in range(5):
        y = 276 + row * 18
        canvas.line([(210 - row * 14, y + 8), (990 + row * 14, y + 8)], tone(roof, 0.86), 3)
    canvas.box(180, 620, 840, 30, (168, 160, 148))
    for x in (240, 820):
        canvas.box(x, 430, 130, 110, (136, 96, 66))
        canvas.box(x + 8, 438, 114, 94, (150, 190, 206))
        canvas.line([(x + 65, 438), (x + 65, 532)], (136, 96, 66), 5)
        canvas.line([(x + 8, 482), (x + 122, 482)], (136, 96, 66), 5)
    wide = 118 if done > 0.35 else 80
    canvas.box(600 - wide / 2, 446, wide, 184, (124, 80, 56))
    canvas.box(600 - wide / 2 + 8, 454, wide - 16, 176, (158, 108, 74))
    canvas.disc(600 + wide / 2 - 18, 546, 5, (226, 196, 110))
    if done > 0.5:
        canvas.shape([(660, 630), (980, 700), (980, 716), (540, 716), (540, 630)], (206, 204, 198))
        canvas.shape([(660, 630), (980, 700), (980, 716), (540, 652)], (188, 186, 180))
    else:
        for step in range(3):
            canvas.box(
                540 - step * 8, 630 + step * 20, 120 + step * 16, 20, tone((188, 182, 172), 1 - step * 0.06)
            )
    if done > 0.7:
        for x, y in ((680, 634), (780, 656), (880, 678), (972, 698)):
            canvas.line([(x, y), (x, y - 64)], (206, 210, 214), 6)
        canvas.line([(680, 572), (972, 636)], (206, 210, 214), 8)
        canvas.line([(680, 598), (972, 662)], (206, 210, 214), 5)
    person(canvas, 420, 716, (150, 92, 110), 1.5)
    if done > 0.9:
        person(canvas, 486, 722, (92, 120, 150), 1.5)
    else:
        person(canvas, 760, 742, (236, 122, 44), 1.5, helmet=True)
        canvas.box(820, 700, 70, 40, (90, 110, 140), 5)
    tree(canvas, 80, 660, 1.7)
    tree(canvas, 1130, 656, 1.5)


def riverside(canvas: Canvas, done: float) -> None:
    """A walking track by the river, with pavilion and lamps."""
    water_ = (104, 162, 190)
    canvas.shape([(0, 500), (WIDTH, 490), (WIDTH, 590), (0, 630)], water_)
    for _ in range(30):
        canvas.box(
            canvas.dice.randint(0, WIDTH),
            canvas.dice.randint(505, 590),
            canvas.dice.randint(26, 90),
            2.5,
            tone(water_, 1.28),
        )
    grass = tone(canvas.season.ground, 0.96)
    canvas.shape([(0, 622), (WIDTH, 584), (WIDTH, HEIGHT), (0, HEIGHT)], grass)
    track = (192, 84, 68) if done > 0.55 else (178, 152, 112)
    canvas.shape(
        [(0, 716), (420, 684), (820, 690), (WIDTH, 640), (WIDTH, 716), (800, 756), (420, 750), (0, 790)],
        track,
    )
    if done > 0.7:
        canvas.line([(0, 752), (420, 717), (810, 723), (WIDTH, 678)], (246, 240, 230), 4)
        for lamp in range(90, WIDTH, 230):
            y = 640 - lamp * 0.03
            canvas.box(lamp, y - 130, 6, 136, (84, 92, 98))
            canvas.disc(lamp + 3, y - 136, 13, (252, 240, 196))
    if done > 0.85:
        for dx in (0, 56, 112, 168):
            canvas.box(820 + dx, 520, 10, 110, (150, 66, 52))
        canvas.shape([(786, 526), (850, 460), (884, 446), (918, 460), (1012, 526)], (88, 96, 98))
        canvas.shape([(836, 468), (899, 410), (962, 468)], (104, 112, 112))
        for x, coat in ((300, (196, 72, 64)), (350, (64, 110, 168)), (640, (226, 178, 70))):
            person(canvas, x, 736, coat, 1.1)
    else:
        excavator(canvas, 560, 700, 0.95)
        heap(canvas, 240, 700, 150)
    for x in (40, 170, 300, 430, 560, 700, 1080, 1170):
        tree(canvas, x, 650 - x * 0.035, 0.9)


def market(canvas: Canvas, done: float) -> None:
    """A covered market hall with its stalls."""
    foot = 620
    canvas.box(120, foot - 250, 960, 250, (226, 218, 204) if done > 0.5 else (190, 182, 170))
    roof = (70, 128, 148) if done > 0.4 else (150, 144, 138)
    canvas.shape([(90, foot - 246), (600, foot - 350), (1110, foot - 246)], roof)
    canvas.shape([(600, foot - 350), (1110, foot - 246), (600, foot - 246)], tone(roof, 0.9))
    awnings = ((204, 74, 62), (232, 176, 70), (92, 152, 108), (74, 128, 176), (204, 74, 62), (232, 176, 70))
    for index, colour in enumerate(awnings):
        x = 150 + index * 152
        canvas.box(x, foot - 150, 130, 150, (84, 74, 66))
        canvas.box(x, foot - 62, 130, 62, (206, 186, 156))
        if done > 0.6:
            for stripe in range(5):
                canvas.shape(
                    [(x - 8 + stripe * 29, foot - 122), (x + stripe * 27, foot - 160),
                     (x + 27 + stripe * 27, foot - 160), (x + 21 + stripe * 29, foot - 122)],
                    colour if stripe % 2 == 0 else (250, 246, 236),
                )  # fmt: skip
        if done > 0.85:
            for fruit in range(5):
                canvas.disc(
                    x + 18 + fruit * 24,
                    foot - 66,
                    10,
                    ((214, 70, 56), (236, 166, 52), (122, 172, 78))[(fruit + index) % 3],
                )
    if 0.05 < done < 0.85:
        scaffold(canvas, 110, foot, 980, 262)
    canvas.box(0, foot, WIDTH, 180, (198, 192, 182))
    for tile in range(8):
        canvas.line([(tile * 190 - 60, HEIGHT), (tile * 150 + 60, foot)], (182, 176, 166), 2)
    site(canvas, max(done, 0.36), 300, foot)


def jobs(canvas: Canvas, done: float) -> None:
    """A job-service hall: the counter house and people who look at the board."""
    foot = 610
    for x in (60, 130, 1100, 1160):
        poplar(canvas, x, 520, 1.1)
    full = building(
        canvas, 260, foot, 2, 10, (232, 236, 240), (58, 104, 152), max(done, 0.62), bay=66, storey=92
    )
    if done > 0.55:
        canvas.box(470, foot - full - 8, 260, 46, (58, 104, 152), 6)
        canvas.write(506, foot - full + 15, "就业服务 · 示例" if font_file() else "JOBS", 24, (250, 250, 250))
    canvas.box(560, foot - 84, 80, 84, (140, 176, 192))
    for index in range(3):
        x = 180 + index * 300
        canvas.box(x, 640, 150, 80, (250, 246, 236), 4)
        canvas.box(x, 640, 150, 16, (196, 72, 62), 4)
        for row in range(4):
            canvas.box(x + 12, 664 + row * 13, 126 - row * 16, 6, (150, 152, 156))
        for leg in (14, 132):
            canvas.box(x + leg, 720, 6, 40, (110, 96, 84))
    coats = ((64, 110, 168), (196, 100, 64), (90, 140, 100), (120, 96, 140), (226, 178, 70), (70, 80, 96))
    for index in range(2 + round(done * 7)):
        person(canvas, 250 + index * 96 + canvas.dice.randint(-14, 14), 780, coats[index % 6], 1.25)


def lights(canvas: Canvas, done: float) -> None:
    """A village street with solar lamps at dusk."""
    dusk = (84, 92, 132)
    for y in range(HORIZON):
        canvas.box(0, y, WIDTH, 1, mix(dusk, (238, 176, 128), (y / HORIZON) ** 1.8))
    hills(canvas, (92, 96, 122), 150, 100)
    canvas.box(0, HORIZON, WIDTH, HEIGHT - HORIZON, (106, 112, 96))
    for x, size in ((40, 1.1), (220, 1.0), (820, 1.0), (990, 1.15)):
        cottage(canvas, x, HORIZON + 90 * size, size * 1.25)
    canvas.shape([(430, HEIGHT), (790, HEIGHT), (630, HORIZON), (600, HORIZON)], (98, 100, 106))
    lit = round(8 * done)
    for index in reversed(range(8)):
        near = 1 - index / 8
        size, y = 0.3 + near * 0.9, HORIZON + 20 + 300 * near**1.6
        for order, side in enumerate((-1, 1)):
            x = 614 + side * (28 + 210 * near**1.4)
            if index * 2 + order >= lit * 2:
                continue
            canvas.disc(x - side * 46 * size, y + 4, 52 * size, (142, 136, 118), 0.2)
            canvas.box(x - 3 * size, y - 190 * size, 6 * size, 190 * size, (196, 200, 206))
            canvas.line(
                [(x, y - 182 * size), (x - side * 44 * size, y - 192 * size)], (196, 200, 206), 4 * size
            )
            canvas.disc(x - side * 46 * size, y - 186 * size, 12 * size, (255, 240, 186))
            canvas.shape(
                [(x - 22 * size, y - 206 * size), (x + 22 * size, y - 220 * size),
                 (x + 26 * size, y - 212 * size), (x - 18 * size, y - 198 * size)],
                (52, 76, 128),
            )  # fmt: skip
    person(canvas, 560, 760, (196, 92, 76), 1.2)
    person(canvas, 606, 766, (84, 120, 160), 1.1)


SCENES: dict[str, Callable[[Canvas, float], None]] = {
    "road": road,
    "bridge": bridge,
    "school": school,
    "kindergarten": kindergarten,
    "clinic": clinic,
    "care": care,
    "water": water,
    "housing": housing,
    "sewage": sewage,
    "parking": parking,
    "home": home,
    "riverside": riverside,
    "market": market,
    "jobs": jobs,
    "lights": lights,
}


class Photograph(NamedTuple):
    """A JPEG of 1200 × 800 points and its twin of 480 × 320."""

    data: bytes
    small: bytes


def draw(scene: str, *, month: int, percent: int, seed: str, caption: str = "") -> Photograph:
    """``scene`` (a key of SCENES) in a month (1–12), ``percent`` of the work done.

    The same arguments always give the same picture. Raises KeyError for an unknown scene.
    """
    canvas = Canvas(month, random.Random(f"{scene} {seed}"))
    landscape(canvas)
    SCENES[scene](canvas, percent / 100)
    label(canvas, caption)
    return Photograph(canvas.jpeg(), canvas.jpeg(5))


def label(canvas: Canvas, caption: str) -> None:
    """示例图片, and what is to be seen, at the lower left."""
    chinese = font_file() is not None
    words = "示例图片" if chinese else "EXAMPLE PICTURE"
    text = f"{words}　{caption}" if chinese and caption else words
    width = float(canvas.pencil.textlength(text, font=face(26 * SCALE))) / SCALE
    canvas.box(24, HEIGHT - 72, width + 44, 48, (30, 34, 40), 8)
    canvas.write(46, HEIGHT - 48, text, 26, (255, 255, 255))
