"""Tiles for lists."""

from io import BytesIO

from PIL import Image

from votes.web import pictures


def test_tile_is_the_middle_of_the_picture(tmp_path):
    path = tmp_path / "picture.png"
    picture = Image.new("RGB", (900, 300), "red")
    picture.paste("blue", (225, 0, 675, 300))
    picture.save(path)
    with Image.open(BytesIO(pictures.tile(path))) as tile:
        assert (tile.size, tile.format) == (pictures.TILE, "JPEG")
        red, _, blue = tile.getpixel((2, 80))
    assert (red < 60, blue > 190) == (True, True)
