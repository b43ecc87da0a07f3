"""Read finished files with other programs than those that made them: poppler for PDFs, zbar for codes."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from votes.exports.formats.bundle import MANIFEST, SUMS
from votes.rules.voting.digests import digest

RARE = "䶮㛃𬍛𫖯"


def run(*command: str, data: bytes | None = None) -> bytes:
    return subprocess.run(
        command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    ).stdout


def pdf_info(pdf: bytes) -> dict[str, str]:
    lines = run("pdfinfo", "-", data=pdf).decode().splitlines()
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}


def pdf_text(pdf: bytes) -> str:
    """Return the words of a PDF without blanks: the tests do not ask where a line breaks."""
    return re.sub(r"\s", "", run("pdftotext", "-layout", "-", "-", data=pdf).decode())


def pdf_pages(pdf: bytes, folder: Path, *, dpi: int = 72) -> list[Image.Image]:
    run("pdftoppm", "-r", str(dpi), "-png", "-", str(folder / "page"), data=pdf)
    return [Image.open(path).convert("L") for path in sorted(folder.glob("page*.png"))]


def decode(image: Image.Image, folder: Path) -> list[str]:
    """Return the QR codes on a picture, in no order."""
    path = folder / "codes.png"
    image.save(path)
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": "disabled:"}
    done = subprocess.run(
        ["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", str(path)],
        capture_output=True,
        env=environment,
        check=False,
    )
    return done.stdout.decode().splitlines()


def manifest_faults(files: Mapping[str, bytes]) -> list[str]:
    """Return the names of files that are missing, differ from the manifest of the bundle, or are not in it."""
    manifest = json.loads(files[MANIFEST])
    listed = {entry["name"]: (entry["size"], entry["digest"]) for entry in manifest["files"]}
    present = {name: data for name, data in files.items() if name not in (MANIFEST, *SUMS.values())}
    actual = {name: (len(data), digest(manifest["hash"], data)) for name, data in present.items()}
    return sorted(name for name in listed.keys() | actual.keys() if listed.get(name) != actual.get(name))
