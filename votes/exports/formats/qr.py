"""QR codes: drawn as 1-bit PNG (an SVG is twenty times larger and far slower to lay out in a PDF), and read again."""

import base64
from io import BytesIO
from typing import Any

import qrcode
import zxingcpp
from PIL import Image, ImageOps
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError


def png(text: str, *, box: int = 4, border: int = 4, mask: int | None = None, gray: bool = False) -> bytes:
    """Draw `text` as a QR code (error correction M).

    `box` is the side of one module in pixels, `border` the quiet zone in modules (the standard asks 4).
    `mask` 0-7 fixes the mask pattern instead of trying all eight: any mask can be read, and a sheet of random
    card tokens is made five times faster. `gray` writes eight bits a pixel: the PDF engine would turn one bit
    into full colour and compress it three times over. Raises ValueError for an empty or over-long text.
    """
    if not text:
        raise ValueError("二维码内容不能为空")
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=border, mask_pattern=mask)
    code.add_data(text, optimize=0)
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError) as error:
        raise ValueError("二维码内容过长") from error
    matrix = code.get_matrix()
    side = len(matrix)
    dots = Image.frombytes("L", (side, side), bytes(0 if dark else 255 for row in matrix for dark in row))
    image = dots if gray else dots.convert("1", dither=Image.Dither.NONE)
    image = image.resize((side * box, side * box), Image.Resampling.NEAREST)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def data_uri(text: str, **look: Any) -> str:
    """Return the PNG, drawn as `png` does, as a data: URL for `<img src>` (a page's CSP must allow img-src data:)."""
    return "data:image/png;base64," + base64.b64encode(png(text, **look)).decode("ascii")


#: The most pixels of a picture that is read: those of a phone's camera.
_MOST_PIXELS = 65_000_000
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_SIDE = 1600  # a card held before a camera is read at this size


class NoPicture(ValueError):
    """The bytes are no picture that can be read."""


def read(data: bytes) -> list[str]:
    """Return the texts of the QR codes on a JPEG, PNG or WebP picture, in no order; empty when there is none.

    Raises NoPicture for anything else, and for one of more pixels than a camera makes.
    """
    try:
        with Image.open(BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise NoPicture("the picture is too large")
            image.draft("L", (_SIDE, _SIDE))  # a JPEG is decoded at a half or a quarter of its size
            gray = ImageOps.autocontrast(image.convert("L"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NoPicture("no picture") from error
    for side in (_SIDE, 4096):  # a small code on a large photo is seen only at its own size
        smaller = gray
        if max(gray.size) > side:
            smaller = gray.copy()
            smaller.thumbnail((side, side))
        codes = zxingcpp.read_barcodes(smaller, formats=_QR)
        if codes or max(gray.size) <= side:
            break
    return [code.text for code in codes]
