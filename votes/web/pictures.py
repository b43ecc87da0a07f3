"""Small pictures for lists: a page with a dozen of them must load fast on a phone."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from flask import Response, send_file
from PIL import Image, ImageOps

from votes.models import Attachment
from votes.services import uploads

TILE = (240, 160)  # pixels; pages show it at half this size, sharp on the screen of a phone


@lru_cache(maxsize=256)
def tile(path: Path) -> bytes:
    """Return the middle of the picture at ``path`` as a JPEG of `TILE`, usually 10 kB at most.

    The cache never becomes stale: ``path`` is named after the hash of its content.
    """
    with Image.open(path) as picture:
        small = ImageOps.fit(picture.convert("RGB"), TILE)
    out = BytesIO()
    small.save(out, "JPEG", quality=60, optimize=True, progressive=True)
    return out.getvalue()


def send_tile(picture: Attachment) -> Response:
    """Return the response with a public picture as a tile; caches may keep it for a day."""
    path, media_type = uploads.open_file(picture, thumbnail=True)
    response = send_file(BytesIO(tile(path)), media_type, etag=f"{path.name}.tile", conditional=True)
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
