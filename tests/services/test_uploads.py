"""Files and pictures: what is taken, what is refused in which words, what is stripped, where it lies."""

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.factories import NOW, make_project
from votes.models import Attachment
from votes.rules.errors import RuleBroken
from votes.services import uploads
from votes.services.uploads import DOCX, MB, PDF, XLSX, File


def picture(kind="JPEG", size=(640, 480), mode="RGB", colour="#336699", **options):
    out = BytesIO()
    Image.new(mode, size, colour).save(out, kind, **options)
    return out.getvalue()


def office(*names, compress=zipfile.ZIP_DEFLATED):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", compress) as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return out.getvalue()


def png_of_size(width, height):
    """Return a tiny file whose head says that it is a huge picture."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def animated(kind):
    out = BytesIO()
    frames = [Image.new("RGB", (8, 8), c) for c in ("red", "blue")]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


PDF_BYTES = b"%PDF-1.7\n1 0 obj\n"
WORD = office("[Content_Types].xml", "word/document.xml")
BOOK = office("[Content_Types].xml", "xl/workbook.xml")


@pytest.mark.parametrize(
    ("name", "data", "kept_name", "media_type"),
    [
        ("方案.pdf", PDF_BYTES, "方案.pdf", PDF),
        ("方案.PDF", PDF_BYTES, "方案.PDF", PDF),
        ("方案.docx", WORD, "方案.docx", DOCX),
        ("预算.xlsx", BOOK, "预算.xlsx", XLSX),
        # the name lies, the bytes are believed, and the name is put right
        ("照片.jpg", PDF_BYTES, "照片.pdf", PDF),
        ("预算.pdf", BOOK, "预算.xlsx", XLSX),
        ("没有扩展名", PDF_BYTES, "没有扩展名.pdf", PDF),
        ("现场.jpeg", picture(), "现场.jpeg", "image/jpeg"),
        ("现场.png", picture("PNG"), "现场.jpg", "image/jpeg"),
        ("现场.webp", picture("WEBP"), "现场.jpg", "image/jpeg"),
        ("图标.png", picture("PNG", mode="RGBA", colour=(1, 2, 3, 0)), "图标.png", "image/png"),
        ("灰度.jpg", picture(mode="L", colour=99), "灰度.jpg", "image/jpeg"),
        ("印刷.jpg", picture(mode="CMYK", colour=(1, 2, 3, 4)), "印刷.jpg", "image/jpeg"),
        # what is in a name never leads anywhere
        ("../../etc/方案.pdf", PDF_BYTES, "方案.pdf", PDF),
        ("C:\\fakepath\\方案.pdf", PDF_BYTES, "方案.pdf", PDF),
        ('方<案>"\r\n:.pdf', PDF_BYTES, "方案.pdf", PDF),
        ("方案\u202efdp.exe.pdf", PDF_BYTES, "方案fdp.exe.pdf", PDF),
        ("长" * 300 + ".pdf", PDF_BYTES, "长" * 90 + ".pdf", PDF),
    ],
)
def test_what_is_kept_and_under_which_name(name, data, kept_name, media_type):
    (file,) = uploads.prepare([File(name, data)])
    assert (file.filename, file.media_type) == (kept_name, media_type)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("x.pdf", b"", "是空的"),
        ("x.pdf", b"<html><script>alert(1)</script>", "的类型不在允许之列"),
        ("x.jpg", b"MZ\x90\x00 a program", "的类型不在允许之列"),
        ("x.txt", "会议纪要".encode(), "的类型不在允许之列"),
        (
            "x.png",
            b'<?xml version="1.0"?>\n<!-- a --><svg xmlns="http://www.w3.org/2000/svg"/>',
            "是 SVG 图形",
        ),
        ("x.jpg", b"  <SVG onload=alert(1)>", "是 SVG 图形"),
        ("x.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "是 HEIC 格式的照片"),
        ("x.mp4", b"\0\0\0\x18ftypisom\0\0\0\0", "是视频"),
        ("x.jpg", b"GIF89a....", "是 GIF 图片"),
        ("x.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "是旧版 Office 文件或设有密码"),
        ("x.docx", office("evil.exe"), "是压缩包或其他类型的文件"),
        ("x.docx", office("word/document.xml"), "是压缩包或其他类型的文件"),
        ("x.docx", b"PK\x03\x04 cut off", "不完整或已损坏"),
        ("x.docx", office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "含有宏"),
        ("x.png", animated("PNG"), "是动图"),
        ("x.webp", animated("WEBP"), "是动图"),
        ("x.jpg", picture()[:300], "已损坏或不完整"),
        ("x.jpg", b"\xff\xd8\xff\xe0 nothing behind", "已损坏或不完整"),
        ("x.png", b"\x89PNG\r\n\x1a\n" + PDF_BYTES, "已损坏或不完整"),
        ("x.png", png_of_size(7000, 7000), "尺寸为 7000×7000，超过 4000 万像素。"),
        ("x.png", png_of_size(60_000, 60_000), "尺寸过大"),
    ],
)
def test_what_is_refused_and_in_which_words(name, data, words):
    with pytest.raises(RuleBroken) as refusal:
        uploads.prepare([File(name, data)])
    assert refusal.value.field == "files"
    assert refusal.value.message.startswith(f"“{name}”{words}")
    assert refusal.value.message.endswith("没有保存任何文件。")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        (
            "照片.jpg",
            picture() + b"\0" * (16 * MB),
            "“照片.jpg”太大：有 16.0 MB，图片最大 15 MB。请缩小尺寸或降低画质后再传。没有保存任何文件。",
        ),
        (
            "照片.jpg",
            picture() + b"\0" * (21 * MB),
            "“照片.jpg”太大：超过 20 MB，图片最大 15 MB。请缩小尺寸或降低画质后再传。没有保存任何文件。",
        ),
        (
            "方案.pdf",
            PDF_BYTES + b"\0" * (20 * MB),
            "“方案.pdf”太大：超过 20 MB，文件最大 20 MB。请压缩或拆分后再传。没有保存任何文件。",
        ),
    ],
)
def test_files_that_are_too_large(name, data, message):
    with pytest.raises(RuleBroken) as refusal:
        uploads.prepare([File(name, data)])
    assert (refusal.value.message, refusal.value.status) == (message, 413)


def test_files_up_to_the_limit_are_kept():
    data = PDF_BYTES + b"\0" * (20 * MB - len(PDF_BYTES))
    assert len(uploads.prepare([File("方案.pdf", data)])[0].data) == 20 * MB


def test_one_bad_file_refuses_all_of_them():
    with pytest.raises(RuleBroken, match="坏的"):
        uploads.prepare([File("好的.pdf", PDF_BYTES), File("坏的.pdf", b"?")])


@pytest.mark.parametrize("files", [[], [File("", b"")]])
def test_nothing_chosen(files):
    with pytest.raises(RuleBroken, match="没有选择文件"):
        uploads.prepare(files)


# --- pictures --------------------------------------------------------------------------------------------


def opened(data):
    return Image.open(BytesIO(data))


def test_what_a_camera_wrote_into_a_picture_does_not_stay():
    exif = Image.Exif()
    exif[0x010F] = "Example Camera"
    exif[0x8825] = {1: "N", 2: (36.0, 37.0, 1.0)}
    data = picture(exif=exif, comment=b"a person's name", icc_profile=b"profile")
    assert b"Example Camera" in data
    (file,) = uploads.prepare([File("x.jpg", data + b"<?php behind the picture ?>")])
    for kept in (file.data, file.small):
        assert dict(opened(kept).getexif()) == {}
        for secret in (b"Example", b"person", b"Exif", b"php", b"profile"):
            assert secret not in kept


def quadrants():
    """Red at the upper left, green at the upper right, blue at the lower left, white at the lower right."""
    image = Image.new("RGB", (40, 20), "white")
    image.paste("red", (0, 0, 20, 10))
    image.paste("lime", (20, 0, 40, 10))
    image.paste("blue", (0, 10, 20, 20))
    return image


_STORED_AS = {  # what has to be done to an upright picture to store it with that orientation
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_pictures_are_turned_upright(orientation, kind):
    how = _STORED_AS[orientation]
    lying = quadrants() if how is None else quadrants().transpose(how)
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = BytesIO()
    lying.save(out, kind, exif=exif, quality=100)
    (file,) = uploads.prepare([File("x", out.getvalue())])
    upright = opened(file.data).convert("RGB")
    assert upright.size == (file.width, file.height) == (40, 20)
    corners = [upright.getpixel(place) for place in ((5, 3), (34, 3), (5, 16), (34, 16))]
    assert [tuple(v > 128 for v in c) for c in corners] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
        (True, True, True),
    ]


@pytest.mark.parametrize(
    ("size", "kept", "small"),
    [
        ((4000, 3000), (2000, 1500), (480, 360)),
        ((3000, 6000), (1000, 2000), (240, 480)),
        ((300, 200), (300, 200), (300, 200)),
        ((2000, 2000), (2000, 2000), (480, 480)),
        ((9000, 3), (2000, 1), (480, 1)),
    ],
)
def test_pictures_are_kept_at_a_size_for_screens_with_a_small_twin(size, kept, small):
    (file,) = uploads.prepare([File("x.jpg", picture(size=size))])
    assert opened(file.data).size == (file.width, file.height) == kept
    assert opened(file.small).size == small


def test_a_large_photo_of_a_new_phone_is_taken():
    (file,) = uploads.prepare([File("x.jpg", picture(size=(9248, 6944), quality=30))])
    assert (file.width, file.height) == (2000, 1502)


def test_a_jpeg_that_holds_several_pictures_is_no_moving_picture():
    out = BytesIO()
    main, depth = Image.new("RGB", (64, 48), "red"), Image.new("RGB", (32, 24), "blue")
    main.save(out, "MPO", save_all=True, append_images=[depth])
    (file,) = uploads.prepare([File("手机.jpg", out.getvalue())])
    assert (file.width, file.height) == (64, 48)


def test_a_transparent_picture_has_a_small_twin_on_white():
    (file,) = uploads.prepare([File("x.png", picture("PNG", mode="RGBA", colour=(255, 0, 0, 0)))])
    assert opened(file.data).mode == "RGBA"
    assert opened(file.small).format == "JPEG"
    assert min(opened(file.small).getpixel((5, 5))) > 250


# --- where they lie --------------------------------------------------------------------------------------


@pytest.fixture
def project(world):
    with world.work() as session:
        yield make_project("示例路")
        session.rollback()


def test_a_file_lies_under_its_hash_and_is_opened_again(world, project):
    by = world.actor("government")
    page, photo = uploads.add(
        [File("方案.pdf", PDF_BYTES), File("现场.jpg", picture())],
        owner=project,
        by=by,
        now=NOW,
        caption=" 改造前 ",
    )
    path, media_type = uploads.open_file(page)
    root = Path(world.app.instance_path) / "uploads"
    assert path == root / page.sha256[:2] / page.sha256
    assert (path.read_bytes(), media_type) == (PDF_BYTES, PDF)
    assert (page.size, page.is_picture, page.caption, page.added_by) == (
        len(PDF_BYTES),
        False,
        "改造前",
        by.name,
    )
    assert uploads.open_file(page, thumbnail=True) == (path, PDF)
    small, kind = uploads.open_file(photo, thumbnail=True)
    assert (small.name, kind) == (f"{photo.sha256}.small", "image/jpeg")
    assert opened(small.read_bytes()).format == "JPEG"
    assert [a.filename for a in project.attachments] == ["方案.pdf", "现场.jpg"]
    assert not list(root.rglob(".new-*"))


def test_a_lost_file_is_told_and_not_a_crash(world, project):
    (page,) = uploads.add(
        [File("方案.pdf", b"%PDF-lost")], owner=project, by=world.actor("government"), now=NOW
    )
    uploads.open_file(page)[0].unlink()
    with pytest.raises(RuleBroken, match="不在服务器上") as refusal:
        uploads.open_file(page)
    assert refusal.value.status == 404


def test_no_more_than_thirty_files(world, project):
    by = world.actor("government")
    many = [File(f"{n}.pdf", PDF_BYTES + bytes([n])) for n in range(30)]
    uploads.add(many[:29], owner=project, by=by, now=NOW)
    with pytest.raises(RuleBroken, match="最多保存 30 个文件，现已有 29 个"):
        uploads.add(many[:2], owner=project, by=by, now=NOW)
    assert len(uploads.add(many[29:], owner=project, by=by, now=NOW)) == 1


def test_bytes_go_only_with_the_last_file_that_has_them(world):
    by = world.actor("government")
    with world.work():
        first, second = make_project("甲"), make_project("乙")
        files = [
            uploads.add([File("共同.pdf", b"%PDF-shared")], owner=owner, by=by, now=NOW)[0].id
            for owner in (first, second)
        ]
        path = uploads.open_file(uploads.get(files[0]))[0]
    for place, attachment_id in enumerate(files):
        with world.work() as session:
            uploads.remove(uploads.get(attachment_id), by=by, now=NOW)
            assert path.exists(), "nothing goes before the change is certain"
            if place == 1:
                session.flush()
        assert path.exists() is (place == 0)


def test_a_removal_that_is_taken_back_keeps_the_bytes(world):
    by = world.actor("government")
    with world.work():
        (page,) = uploads.add([File("留.pdf", b"%PDF-stays")], owner=make_project("甲"), by=by, now=NOW)
        kept, path = page.id, uploads.open_file(page)[0]
    with world.work() as session:
        uploads.remove(uploads.get(kept), by=by, now=NOW)
        session.rollback()
    with world.work():
        assert uploads.get(kept) is not None
    assert path.exists()


def test_another_bodys_file_is_not_there(world):
    with world.work("other"):
        (page,) = uploads.add(
            [File("外县.pdf", PDF_BYTES)],
            owner=make_project("外县路"),
            by=world.actor("government", "other"),
            now=NOW,
        )
        stranger = page.id
    with world.work():
        assert uploads.get(stranger) is None
    with world.work(None) as session:
        assert session.get(Attachment, stranger).body_id == world.other
