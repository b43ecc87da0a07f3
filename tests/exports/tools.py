"""Looking into the finished files with the tools of the system: poppler for PDFs, zbar for codes."""

import os
import re
import subprocess
from pathlib import Path

from PIL import Image

RARE = "䶮㛃𬍛𫖯"


def run(*command: str, data: bytes | None = None) -> bytes:
    return subprocess.run(
        command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    ).stdout


def pdf_info(pdf: bytes) -> dict[str, str]:
    lines = run("pdfinfo", "-", data=pdf).decode().splitlines()
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}


def pdf_text(pdf: bytes) -> str:
    """The words of a PDF without any blanks: where a line breaks is not what the tests are about."""
    return re.sub(r"\s", "", run("pdftotext", "-layout", "-", "-", data=pdf).decode())


def pdf_pages(pdf: bytes, folder: Path, *, dpi: int = 72) -> list[Image.Image]:
    run("pdftoppm", "-r", str(dpi), "-png", "-", str(folder / "page"), data=pdf)
    return [Image.open(path).convert("L") for path in sorted(folder.glob("page*.png"))]


def decode(image: Image.Image, folder: Path) -> list[str]:
    """All QR codes on a picture, in no order."""
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
