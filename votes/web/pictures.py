"""Small pictures for lists: a page with a dozen of them must stay light on a phone."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

TILE_SIDE = 240  # shown at half of it: sharp on a phone's screen


@lru_cache(maxsize=256)
def tile(path: Path) -> bytes:
    """The picture at ``path`` as a JPEG of at most 240 pixels a side (about 8 kB), kept in memory.

    ``path`` is named after the hash of its content, so what is kept never grows old.
    """
    from PIL import Image

    with Image.open(path) as picture:
        small = picture.convert("RGB")
    small.thumbnail((TILE_SIDE, TILE_SIDE))
    out = BytesIO()
    small.save(out, "JPEG", quality=70, optimize=True, progressive=True)
    return out.getvalue()
