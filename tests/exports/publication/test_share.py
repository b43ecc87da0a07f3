"""The picture of a shared project."""

from io import BytesIO

import pytest
from PIL import Image

from votes.exports.publication import share
from votes.exports.publication.share import lines_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("短名", ["短名"]),
        ("一二三四五六", ["一二三四五", "六"]),
        ("一二三四五六七八九十十一", ["一二三四五", "六七八九…"]),
        ("", [""]),
    ],
)
def test_lines_of_long_text_are_cut_with_an_ellipsis(text, found):
    assert lines_of(text, 50, 10, 2) == found


def test_picture_has_the_size_that_chats_crop_to():
    data = share.picture(
        place="示例县",
        title="示例公路",
        word="正常",
        fill="#2c8456",
        actual=41,
        planned=40.1,
        lines=["2027年"],
    )
    assert Image.open(BytesIO(data)).size == (share.WIDTH, share.HEIGHT)
