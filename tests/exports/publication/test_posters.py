"""Posters as a PDF."""

import pytest

from votes.exports.publication import posters

POSTER = posters.Poster("示例县", "民生码", "示例公路", ["看进展"], "http://hall.example/p/shili/rate/1")


def test_sheets_of_posters_are_one_pdf_with_a_page_each():
    assert posters.sheets([POSTER, POSTER])[:5] == b"%PDF-"


def test_sheets_without_posters_are_refused():
    with pytest.raises(ValueError):
        posters.sheets([])
