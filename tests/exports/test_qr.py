import base64
from io import BytesIO

import pytest
from PIL import Image

from votes.exports import qr

from .tools import decode

URL = "http://192.168.10.8:8000/c/AbCdEfGhIjKlMnOpQrStUv"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (URL, {}),
        ("A", {}),
        ("https://example.gov.cn/" + "x" * 300, {}),
        (URL, {"mask": 3, "gray": True}),
        *((URL, {"mask": mask}) for mask in range(8)),
    ],
)
def test_a_phone_reads_what_was_written(text, options, tmp_path):
    image = Image.open(BytesIO(qr.png(text, **options))).convert("L")
    assert decode(image, tmp_path) == [text]


def test_one_bit_a_pixel_and_square():
    image = Image.open(BytesIO(qr.png(URL)))
    assert image.mode == "1"
    assert image.width == image.height == (33 + 8) * 4  # 49 bytes: version 4, 33 modules, border of 4


@pytest.mark.parametrize(("box", "border"), [(1, 0), (4, 4), (10, 2)])
def test_size_follows_box_and_border(box, border):
    assert Image.open(BytesIO(qr.png("A", box=box, border=border))).width == (21 + 2 * border) * box


def test_data_uri_is_the_same_picture():
    head, _, data = qr.data_uri(URL).partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data) == qr.png(URL)


@pytest.mark.parametrize(("text", "words"), [("", "二维码内容不能为空"), ("x" * 5000, "二维码内容过长")])
def test_impossible_text_is_refused(text, words):
    with pytest.raises(ValueError) as refused:
        qr.png(text)
    assert str(refused.value) == words
