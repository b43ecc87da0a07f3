"""Files and pictures of projects, reports, suggestions and of what supervision finds.

The type of a file is read from its bytes, never from its name. Pictures are redrawn, which removes the hidden data
(time and place of the picture, other data after its end). The bytes are stored under their SHA-256 in `uploads/` of the
instance folder; nothing that a user typed is part of a path.
"""

import hashlib
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import IO, Any, Protocol

from PIL import Image
from sqlalchemy import func, select

from votes.db import EVERY_BODY, Database, db
from votes.models import (
    Acceptance,
    Attachment,
    InspectionNote,
    Project,
    RectificationAnswer,
    Report,
    Suggestion,
)
from votes.rules.errors import RuleBroken, invalid
from votes.rules.people.actor import Actor
from votes.services import audit

MB = 1024 * 1024
MAX_DOCUMENT = 20 * MB
MAX_PICTURE = 15 * MB
MAX_FILES = 30  # of one project or report
MAX_SIDE = 2000  # pixels of a stored picture
SMALL_SIDE = 480
# A JPEG is decoded at a half or a quarter of its size, the others need four bytes for every pixel.
MAX_PIXELS = {"image/jpeg": 65_000_000, "image/png": 40_000_000, "image/webp": 40_000_000}

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXTENSIONS = {PDF: "pdf", DOCX: "docx", XLSX: "xlsx", "image/jpeg": "jpg", "image/png": "png"}

_ALLOWED = "可以上传 PDF、Word（.docx）、Excel（.xlsx）文件和 JPG、PNG、WebP 图片"
#: How a file begins → its media type.
_KEPT = (
    (rb"%PDF-", PDF),
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"RIFF.{4}WEBP", "image/webp"),
)
#: How a file begins that cannot be kept → the words that follow its name. The last line fits every file.
_NOT_KEPT = (
    (
        rb".{4}ftyp(hei[cxms]|hev[cx]|m[is]f1|avif)",
        "是 HEIC 格式的照片，浏览器无法显示。请在手机“设置—相机—格式”中选择“兼容性最佳”，或另存为 JPG 后上传。",
    ),
    (rb".{4}ftyp", f"是视频，不能上传。{_ALLOWED}。"),
    (rb"\xd0\xcf\x11\xe0", "是旧版 Office 文件或设有密码。请另存为 .docx、.xlsx 或 PDF（不设密码）后上传。"),
    (rb"GIF8", "是 GIF 图片，不能上传。请另存为 JPG 或 PNG 后上传。"),
    (
        rb"\s*(<\?(?i:xml)[^>]*\?>\s*)?(<!--.*?-->\s*|<!(?i:DOCTYPE)[^>]*>\s*)*<(?i:svg)",
        "是 SVG 图形，其中可以夹带程序，不能上传。请另存为 PNG 后上传。",
    ),
    (rb"\Z", "是空的。请重新选择。"),
    (rb"", f"的类型不在允许之列。{_ALLOWED}；类型按内容判断，只改扩展名不行。"),
)
# The orientation that a camera noted → what turns the picture upright.
_UPRIGHT = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_DRAWING = Lock()  # one picture at a time: decoding takes memory


class Upload(Protocol):
    """What a browser sends: a name and a stream of bytes."""

    @property
    def filename(self) -> str | None:
        """The name, with or without a path."""

    @property
    def stream(self) -> IO[bytes]:
        """The content."""


@dataclass(frozen=True)
class File:
    """A file that does not come from a browser."""

    filename: str
    data: bytes

    @property
    def stream(self) -> IO[bytes]:
        """Return the content as a stream."""
        return BytesIO(self.data)


@dataclass(frozen=True)
class Prepared:
    """A file that was examined and may be kept: its bytes as they will be stored."""

    filename: str
    media_type: str
    data: bytes
    small: bytes | None = None
    width: int | None = None
    height: int | None = None


Owner = Project | Report | Suggestion | InspectionNote | RectificationAnswer | Acceptance

#: For each kind of owner: the column that names it, and the owner's list of its files.
_OWNERS: dict[type[Any], tuple[str, str]] = {
    Project: ("project_id", "attachments"),
    Report: ("report_id", "photos"),
    Suggestion: ("suggestion_id", "photos"),
    InspectionNote: ("note_id", "photos"),
    RectificationAnswer: ("answer_id", "photos"),
    Acceptance: ("acceptance_id", "photos"),
}


def get(attachment_id: int) -> Attachment | None:
    """Return a file of a project or report of the body in scope; those of other owners have pages of their own."""
    return db.session.scalar(
        select(Attachment).where(
            Attachment.id == attachment_id,
            Attachment.project_id.isnot(None) | Attachment.report_id.isnot(None),
        )
    )


def get_of(kind: type[Owner], attachment_id: int) -> Attachment | None:
    """Return a file of the body in scope whose owner is of that ``kind``."""
    column = getattr(Attachment, _OWNERS[kind][0])
    return db.session.scalar(select(Attachment).where(Attachment.id == attachment_id, column.isnot(None)))


def keep(file: Prepared) -> str:
    """Keep the bytes of a file that has a table of its own, apart from those of attachments; return their SHA-256.

    They are never deleted: no removal of an attachment with the same bytes reaches them.
    """
    digest = hashlib.sha256(file.data).hexdigest()
    _store(_kept(digest), file.data)
    return digest


def kept(sha256: str, filename: str) -> Path:
    """Return the path of the bytes that `keep` has kept. Raises RuleBroken (404) when they are missing."""
    path = _kept(sha256)
    if not path.is_file():
        raise RuleBroken(f"文件“{filename}”不在服务器上，请告知系统管理员。", status=404)
    return path


def open_file(attachment: Attachment, thumbnail: bool = False) -> tuple[Path, str]:
    """Return the path and the media type of the bytes; with ``thumbnail`` those of the small JPEG of a picture.

    Raises:
        RuleBroken: the bytes are missing (404), as after restoring a database without its files.
    """
    small = thumbnail and attachment.is_picture
    path = _path(attachment.sha256, small=small)
    if not path.is_file():
        raise RuleBroken(f"文件“{attachment.filename}”不在服务器上，请告知系统管理员。", status=404)
    return path, "image/jpeg" if small else attachment.media_type


def prepare(files: Iterable[Upload], *, voting: bool = False) -> list[Prepared]:
    """Examine each file and redraw pictures. Needs no database: call it before the write lock is taken.

    Files without a name (an empty field of a form) are ignored. With ``voting`` no picture is redrawn: ballots need
    the processor.

    Raises:
        RuleBroken: a file cannot be kept (the first such is named, with the reason), or there is no file at all.
    """
    prepared = [_prepare(file, voting) for file in files if file.filename]
    if not prepared:
        raise invalid("files", "没有选择文件。")
    return prepared


def prepare_photos(files: Iterable[Upload], *, voting: bool = False) -> list[Prepared]:
    """Examine and redraw photos, as `prepare` does; needs no database.

    Raises RuleBroken for a file that is no picture or cannot be kept.
    """
    prepared = prepare(files, voting=voting)
    for file in prepared:
        if file.small is None:
            words = "不是图片。这里只附现场照片（JPG、PNG、WebP），没有保存任何文件。"
            raise invalid("files", f"“{file.filename}”{words}")
    return prepared


def add(
    files: Iterable[Upload | Prepared], *, owner: Owner, by: Actor, now: datetime, caption: str = ""
) -> list[Attachment]:
    """Keep ``files`` as those of ``owner``. The bytes are on disk before the rows are written.

    Raises:
        RuleBroken: a file cannot be kept (none is then), more than MAX_FILES files of one owner, or a caption of more
            than 100 characters.
    """
    ready = [file if isinstance(file, Prepared) else _prepare(file) for file in files]
    if not ready:
        return []
    if len(caption) > 100:
        raise invalid("caption", "说明最多 100 个字。")
    column, files_of = _OWNERS[type(owner)]
    stored = select(func.count(Attachment.id)).where(getattr(Attachment, column) == owner.id)
    present = db.session.scalar(stored) or 0
    if present + len(ready) > MAX_FILES:
        words = f"最多保存 {MAX_FILES} 个文件，现已有 {present} 个。没有保存新的文件；请删去不用的再传。"
        raise invalid("files", words)
    added = []
    for file in ready:
        digest = hashlib.sha256(file.data).hexdigest()
        _store(_path(digest), file.data)
        if file.small is not None:
            _store(_path(digest, small=True), file.small)
        attachment = Attachment(
            body_id=owner.body_id,
            **{column: owner.id},
            filename=file.filename,
            caption=caption.strip(),
            media_type=file.media_type,
            size=len(file.data),
            sha256=digest,
            is_picture=file.small is not None,
            width=file.width,
            height=file.height,
            added_by=by.name,
            added_at=now,
        )
        db.session.add(attachment)
        db.session.flush()
        audit.record("attachment.add", by=by, at=now, about=attachment, after=_facts(attachment, owner))
        added.append(attachment)
    db.session.expire(owner, [files_of])
    return added


def remove(attachment: Attachment, *, by: Actor, now: datetime) -> None:
    """Remove a file; its bytes are deleted after the commit, unless another file has the same ones."""
    owner = attachment.owner
    digest = attachment.sha256
    audit.record("attachment.remove", by=by, at=now, about=attachment, before=_facts(attachment, owner))
    db.session.delete(attachment)
    db.session.flush()
    db.session.expire(owner, [_OWNERS[type(owner)][1]])
    paths = _path(digest), _path(digest, small=True)
    db.session.on_commit(lambda database: _forget(database, digest, paths))


def remove_of(
    attachments: Iterable[Attachment], attachment_id: int | None, *, by: Actor, now: datetime
) -> None:
    """Remove one of an owner's ``attachments``. Raises RuleBroken (code "stale") when it is none of them (any more)."""
    attachment = next((each for each in attachments if each.id == attachment_id), None)
    if attachment is None:
        raise RuleBroken("这张照片已经不在，没有作任何改动。请刷新页面。", code="stale")
    remove(attachment, by=by, now=now)


def _facts(attachment: Attachment, owner: Any) -> dict[str, Any]:
    return {"owner": owner.name, **audit.facts(attachment, "filename", "caption", "size", "sha256")}


def _forget(database: Database, digest: str, paths: Sequence[Path]) -> None:
    with database.work(scope=EVERY_BODY) as session:
        if session.scalar(select(func.count(Attachment.id)).where(Attachment.sha256 == digest)) == 0:
            for path in paths:
                path.unlink(missing_ok=True)


# --- where the bytes are stored ---------------------------------------------------------------------------------


class Store:
    """The folder of the uploaded files. The application names it at its start, so that services need no Flask."""

    folder: Callable[[], Path]


def _path(digest: str, *, small: bool = False) -> Path:
    return Store.folder() / digest[:2] / (digest + (".small" if small else ""))


def _kept(digest: str) -> Path:
    return Store.folder() / "kept" / digest


def _store(path: Path, data: bytes) -> None:
    """Write ``data`` so that the file is complete or absent, also after a power cut."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


# --- what the bytes are ----------------------------------------------------------------------------------


def sniff(data: bytes) -> str:
    """Return the media type that the bytes themselves show.

    Raises:
        RuleBroken: a file that cannot be kept; the usual kinds have words of their own.
    """
    head = data[:4096]
    for pattern, media_type in _KEPT:
        if re.match(pattern, head, re.DOTALL):
            return media_type
    if head.startswith(b"PK"):
        return _sniff_office(data)
    raise _refused(next(words for pattern, words in _NOT_KEPT if re.match(pattern, head, re.DOTALL)))


def _sniff_office(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise _refused("不完整或已损坏。请重新保存后再上传。") from None
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise _refused("含有宏，不能上传。请另存为不含宏的 .docx 或 .xlsx 后上传。")
    if "[Content_Types].xml" in names:
        if "word/document.xml" in names:
            return DOCX
        if "xl/workbook.xml" in names:
            return XLSX
    raise _refused(f"是压缩包或其他类型的文件，不能上传。{_ALLOWED}。")


def _refused(why: str, status: int = 422) -> RuleBroken:
    """Return the refusal of a file; ``why`` follows the file's name, which `_prepare` puts before it."""
    return RuleBroken(why, field="files", code="bad_file", status=status)


def _prepare(file: Upload, voting: bool = False) -> Prepared:
    name = _tidy_name(file.filename or "")
    try:
        data = file.stream.read(MAX_DOCUMENT + 1)
        media_type = sniff(data)
        picture = media_type.startswith("image/")
        limit = MAX_PICTURE if picture else MAX_DOCUMENT
        if len(data) > limit:
            size = "超过 20 MB" if len(data) > MAX_DOCUMENT else f"有 {len(data) / MB:.1f} MB"
            advice = "请缩小尺寸或降低画质后再传" if picture else "请压缩或拆分后再传"
            noun = "图片" if picture else "文件"
            raise _refused(f"太大：{size}，{noun}最大 {limit // MB} MB。{advice}。", status=413)
        if picture and voting:
            raise _refused(
                "是图片。人民代表大会正在投票，投票结束后才能收图片；请稍后再传，或者先不带图片提交。"
            )
        if picture:
            return _draw(name, data, media_type)
    except RuleBroken as broken:
        raise RuleBroken(
            f"“{name}”{broken.message}没有保存任何文件。",
            field="files",
            code=broken.code,
            status=broken.status,
        ) from None
    return Prepared(_with_extension(name, media_type), media_type, data)


def _tidy_name(name: str) -> str:
    """Return the last part of a path, at most 100 characters, without those that break file systems or headers."""
    name = re.split(r"[\\/]", name)[-1]
    name = re.sub(r'[\x00-\x1f\x7f<>:"|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069]', "", name).strip(" .")
    stem, dot, extension = name.rpartition(".")
    return f"{stem[:90]}{dot}{extension[:9]}" if dot else name[:100]


def _with_extension(name: str, media_type: str) -> str:
    """Return the name with the extension of what the file really is."""
    right = EXTENSIONS[media_type]
    stem, dot, extension = name.rpartition(".")
    if extension.lower() == right or (right == "jpg" and extension.lower() == "jpeg"):
        return name
    return f"{stem if dot and len(extension) <= 5 else name}.{right}"


def _draw(name: str, data: bytes, media_type: str) -> Prepared:
    """Redraw a picture and its small copy: upright, at most MAX_SIDE, without anything beside the pixels."""
    limit = MAX_PIXELS[media_type]
    Image.MAX_IMAGE_PIXELS = max(MAX_PIXELS.values())
    with _DRAWING:
        try:
            with Image.open(BytesIO(data), formats=[media_type.removeprefix("image/").upper()]) as opened:
                # A phone's JPEG may hold further pictures (depth, video cover): only the first is looked at.
                if media_type != "image/jpeg" and getattr(opened, "is_animated", False):
                    raise _refused("是动图，不能上传。请另存为静止的 JPG 或 PNG 后上传。")
                if opened.width * opened.height > limit:
                    raise _refused(
                        f"尺寸为 {opened.width}×{opened.height}，超过 {limit // 10_000} 万像素。"
                        "请缩小尺寸后再传。",
                        status=413,
                    )
                opened.draft(None, (MAX_SIDE, MAX_SIDE))
                transparent = opened.has_transparency_data
                turn = _UPRIGHT.get(opened.getexif().get(0x0112, 1))
                image: Image.Image = opened.convert("RGBA" if transparent else "RGB")
            image.info = {}
            image.thumbnail((MAX_SIDE, MAX_SIDE))
            if turn is not None:
                image = image.transpose(Image.Transpose[turn])
        except RuleBroken:
            raise
        except Image.DecompressionBombError:
            raise _refused("尺寸过大，请缩小后再传。", status=413) from None
        except Exception:  # on damaged bytes the library raises whatever its parsers raise
            raise _refused("已损坏或不完整，无法读取。请重新保存后再上传。") from None
        if transparent and image.getchannel("A").getextrema()[0] == 255:
            image, transparent = image.convert("RGB"), False
        small = image.copy()
        small.thumbnail((SMALL_SIDE, SMALL_SIDE))
        if transparent:
            ground = Image.new("RGB", small.size, "white")
            ground.paste(small, mask=small.getchannel("A"))
            small = ground
        final = "image/png" if transparent else "image/jpeg"
        encoded = _encoded(image, final), _encoded(small, "image/jpeg")
        return Prepared(_with_extension(name, final), final, *encoded, *image.size)


def _encoded(image: Any, media_type: str) -> bytes:
    out = BytesIO()
    if media_type == "image/png":
        image.save(out, "PNG", optimize=True)
    else:
        image.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return out.getvalue()
