"""HTML to PDF with WeasyPrint: our own faces, no network, bounded memory.

WeasyPrint needs pango and fonts of the system, so it is imported when the first PDF is made, not before:
a server that lacks them still votes and counts.
"""

import contextlib
import io
import subprocess
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

TEMPLATES = Path(__file__).resolve().parents[3] / "templates" / "print"

# One font configuration for the whole process: each has its own fontconfig and costs 20 MB that is never given
# back. Pango is not safe under several threads, so one lock goes with it.
_LOCK = Lock()

# 小标宋 for titles and 仿宋 for the body, as official papers have them (GB/T 9704), under every name they are
# installed by; then the song face that the set-up brings.
TITLE_FACES = ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "方正小标宋简体", "方正小标宋_GBK")
BODY_FACES = ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "STFangsong", "方正仿宋简体")
FALLBACK_FACE = "Noto Serif CJK SC"


class PdfUnavailable(RuntimeError):
    """This machine cannot make PDFs; the message is Chinese and says what to install."""


@lru_cache(maxsize=1)
def _engine() -> tuple[Any, Any, Any]:
    """Return weasyprint, its one FontConfiguration and its one fetcher; raise PdfUnavailable."""
    try:
        # On failure WeasyPrint prints to standard output, which belongs to the caller.
        with contextlib.redirect_stdout(io.StringIO()):
            weasyprint = import_module("weasyprint")
            fonts, urls = import_module("weasyprint.text.fonts"), import_module("weasyprint.urls")
    except (OSError, ImportError) as error:
        raise PdfUnavailable(
            "本机缺少生成 PDF 所需的系统组件，暂不能生成 PDF；数据不受影响，Word 和 Excel 仍可导出。"
            "请系统管理员安装 libpangoft2-1.0-0、libharfbuzz-subset0 和 fonts-noto-cjk 后再试。"
        ) from error
    # data: only. The fetcher's default would also read this machine's files and the network.
    return weasyprint, fonts.FontConfiguration(), urls.URLFetcher(allowed_protocols=["data"])


def installed_face(name: str) -> bool:
    """Return whether fontconfig knows a font family of this name."""
    try:
        listed = subprocess.run(
            ["fc-list", f":family={name}", "family"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return bool(listed.stdout.strip())


@lru_cache(maxsize=1)
def _title_face() -> str | None:
    return next((face for face in TITLE_FACES if installed_face(face)), None)


def faces_css() -> str:
    """Return the CSS variables --title, --title-weight and --body for the fonts of this machine.

    小标宋 is a heavy face in itself; only the song face that stands in for it is made bold.
    """
    title = _title_face()
    names = ", ".join(f'"{face}"' for face in (title, FALLBACK_FACE) if face)
    body = ", ".join(f'"{face}"' for face in (*BODY_FACES, FALLBACK_FACE))
    weight = "normal" if title else "bold"
    return f":root {{ --title: {names}, serif; --title-weight: {weight}; --body: {body}, serif; }}\n"


@lru_cache(maxsize=1)
def _official_css() -> Any:
    weasyprint, fonts, fetcher = _engine()
    text = faces_css() + (TEMPLATES / "paper.css").read_text(encoding="utf-8")
    return weasyprint.CSS(string=text, font_config=fonts, url_fetcher=fetcher)


def _lay_out(html: str, *, official: bool) -> Any:
    """Lay out a document; ``official`` puts our print style (A4, faces, tables) under the document's own."""
    weasyprint, fonts, fetcher = _engine()
    source = weasyprint.HTML(string=html, url_fetcher=fetcher)
    styles = [_official_css()] if official else None
    # Table widths are written as <col width>: a style attribute would be refused by the pages' CSP.
    return source.render(stylesheets=styles, font_config=fonts, presentational_hints=True)


def render(html: str) -> bytes:
    """Turn one whole HTML document into a PDF in our print style. Raises PdfUnavailable.

    Everything a user typed must already be escaped. Only data: URLs are fetched.
    """
    with _LOCK:
        return _lay_out(html, official=True).write_pdf()


def render_pages(htmls: Iterable[str], progress: Callable[[int], None] | None = None) -> bytes:
    """Lay out several HTML documents (each with its own style) and join their pages into one PDF.

    ``progress`` is called with the number of documents laid out so far, after each. Long work is better cut into
    many small documents: layout time grows faster than the number of pages. Other threads get their turn
    between two documents. Raises PdfUnavailable, and ValueError when there is no document.
    """
    documents = []
    for html in htmls:
        with _LOCK:
            documents.append(_lay_out(html, official=False))
        if progress:
            progress(len(documents))
    if not documents:
        raise ValueError("没有可生成 PDF 的内容")
    pages = [page for document in documents for page in document.pages]
    with _LOCK:
        return documents[0].copy(pages).write_pdf()


def copies(html: str, number: int) -> bytes:
    """Lay out one document (its style within it) and write it ``number`` times into one PDF. Raises PdfUnavailable."""
    with _LOCK:
        document = _lay_out(html, official=False)
        return document.copy(document.pages * number).write_pdf()
