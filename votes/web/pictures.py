"""Small pictures for lists: a page with a dozen of them must stay light on a phone."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from flask import Response, send_file

from votes.models import Attachment
from votes.services import uploads

TILE = (240, 160)  # pixels; shown at half of it: sharp on a phone's screen


@lru_cache(maxsize=256)
def tile(path: Path) -> bytes:
    """The middle of the picture at ``path`` as a JPEG of `TILE` (10 kB at most, as a rule), kept in memory.

    ``path`` is named after the hash of its content, so what is kept never grows old.
    """
    from PIL import Image, ImageOps

    with Image.open(path) as picture:
        small = ImageOps.fit(picture.convert("RGB"), TILE)
    out = BytesIO()
    small.save(out, "JPEG", quality=60, optimize=True, progressive=True)
    return out.getvalue()


def send_tile(picture: Attachment) -> Response:
    """The answer that carries a public picture as a tile; caches may keep it for a day."""
    path, media_type = uploads.open_file(picture, thumbnail=True)
    response = send_file(BytesIO(tile(path)), media_type, etag=f"{path.name}.tile", conditional=True)
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
