import base64
from io import BytesIO

import pytest
from PIL import Image

from tests.exports.tools import decode
from votes.exports.formats import qr

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


# --- reading again --------------------------------------------------------------------------------------


def shot(*texts, size=(1280, 720), side=300, turn=0, kind="JPEG", noise=0, **options):
    """Return a picture of a card held before a camera."""
    picture = Image.new("RGB", size, (188, 180, 172))
    for place, text in enumerate(texts):
        code = Image.open(BytesIO(qr.png(text))).convert("RGB").resize((side, side))
        picture.paste(code, (size[0] // 4 + place * (side + 60), (size[1] - side) // 2))
    picture = picture.rotate(turn, fillcolor=(188, 180, 172))
    if noise:
        picture = Image.blend(picture, Image.effect_noise(size, 90).convert("RGB"), noise)
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"kind": "PNG"},
        {"kind": "WEBP"},
        {"turn": 12},
        {"turn": 90},
        {"turn": 180},
        {"quality": 25},
        {"noise": 0.3},
        {"size": (640, 480), "side": 160},
        {"size": (4000, 3000), "side": 1400},
        {"size": (4000, 3000), "side": 240},
    ],
)
def test_a_card_before_the_camera_is_read(how):
    assert qr.read(shot(URL, **how)) == [URL]


def test_two_cards_and_none():
    assert sorted(qr.read(shot(URL, "B", side=260))) == ["B", URL]
    assert qr.read(shot(noise=0.5)) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"abc",
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(40),
    ],
)
def test_what_is_no_photo_is_refused(data):
    with pytest.raises(qr.NoPicture):
        qr.read(data)


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded():
    out = BytesIO()
    Image.new("1", (20000, 20000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    with pytest.raises(qr.NoPicture):
        qr.read(out.getvalue())
