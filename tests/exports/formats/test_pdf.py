import urllib.request

import pytest

from tests.exports.tools import RARE, pdf_info, pdf_pages, pdf_text, run
from votes.exports.formats import pdf


def page(words: str) -> str:
    return f"<html lang='zh-CN'><body><p>{words}</p></body></html>"


def test_a_page_is_a4_with_its_words_and_number():
    made = pdf.render(page("示例县人民代表大会"))
    info = pdf_info(made)
    assert (info["Pages"], info["Page size"]) == ("1", "595.276 x 841.89 pts (A4)")
    assert pdf_text(made) == "示例县人民代表大会—1—"


def test_without_our_style_there_is_no_page_number():
    assert pdf_text(pdf.render_pages([page("凭证")])) == "凭证"


def test_every_rare_character_has_its_own_shape(tmp_path):
    """A missing glyph is a box, and all boxes are alike."""
    made = pdf.render_pages([page(letter) for letter in RARE])
    shapes = {image.tobytes() for image in pdf_pages(made, tmp_path)}
    assert len(shapes) == len(RARE)
    assert pdf_text(made) == RARE


@pytest.mark.parametrize(
    "html",
    [
        "<link rel=attachment href='file:///etc/hostname'>",
        "<a rel=attachment href='file:///etc/hostname'>x</a>",
        "<img src='file:///etc/hostname'>",
        "<style>@import url(file:///etc/passwd);</style>",
        "<img src='http://127.0.0.1:9/x.png'>",
    ],
)
def test_nothing_of_the_machine_or_the_network_gets_in(html, monkeypatch):
    opened = []
    monkeypatch.setattr(urllib.request.FileHandler, "file_open", lambda self, request: opened.append(request))
    monkeypatch.setattr(urllib.request.HTTPHandler, "http_open", lambda self, request: opened.append(request))
    made = pdf.render(page("正文") + html)
    assert opened == []
    assert b"/EmbeddedFile" not in made
    assert "root:" not in pdf_text(made)


def test_documents_are_joined_in_order_and_progress_is_told():
    told = []
    made = pdf.render_pages([page(word) for word in ("甲", "乙", "丙")], told.append)
    assert pdf_text(made) == "甲乙丙"
    assert told == [1, 2, 3]


def test_nothing_to_print_is_an_error():
    with pytest.raises(ValueError):
        pdf.render_pages([])


@pytest.fixture
def without_pango(monkeypatch):
    def refuse(name):
        raise OSError(f"cannot load library 'libpango-1.0-0' of {name}")

    pdf._engine.cache_clear()
    monkeypatch.setattr(pdf, "import_module", refuse)
    yield
    monkeypatch.undo()
    pdf._engine.cache_clear()
    # What was laid out with the engine of before belongs to it.
    pdf._official_css.cache_clear()


def test_a_machine_without_pango_says_what_to_install(without_pango):
    with pytest.raises(pdf.PdfUnavailable) as refused:
        pdf.render(page("正文"))
    for part in ("数据不受影响", "libpangoft2-1.0-0", "fonts-noto-cjk"):
        assert part in str(refused.value)


def test_title_face_of_the_machine_is_not_made_bold_twice(monkeypatch):
    pdf._title_face.cache_clear()
    monkeypatch.setattr(pdf, "installed_face", lambda name: name == "方正小标宋简体")
    css = pdf.faces_css()
    pdf._title_face.cache_clear()
    assert '--title: "方正小标宋简体", "Noto Serif CJK SC", serif; --title-weight: normal;' in css


def test_faces_are_embedded_and_subset():
    fonts = run("pdffonts", "-", data=pdf.render(page("示例"))).decode().splitlines()[2:]
    assert fonts
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)
