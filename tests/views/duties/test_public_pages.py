"""Deputies' pages: as citizens see them; opened, renewed, closed, printed in the office."""

from tests.duties import BASE, make_rows
from votes.services.people import roster

PREPARED = {"rows": make_rows}


def test_public_page_shows_the_chosen_fields_only(world, as_, rows):
    public, office = as_(), as_("office")
    url = f"/p/shili/d/{rows['key']}"
    page = public.get(url)
    assert "示例代表101" in page.words
    assert "村医" in page.words
    assert "常委会出席率100.0%1 / 1 次" in page.words
    for hidden in ("13912345678", "土族", "1979", "履职培训", "性别"):
        assert hidden not in page.text
    assert office.post(f"{BASE}/pages", {"fields": ["gender", "ethnicity"]}).status == 303
    page = public.get(url)
    assert "土族" in page.words
    for hidden in ("13912345678", "村医", "100.0", "1979"):
        assert hidden not in page.text
    # of one who has done nothing nothing is shown, and that is said
    assert office.post(f"{BASE}/pages", {"fields": ["rates", "entries"]}).status == 303
    assert office.post(f"{BASE}/{rows['ids'][3]}/page", {"act": "open"}).status == 303
    with world.work():
        key = roster.get(rows["ids"][3]).page_key
    page = public.get(f"/p/shili/d/{key}")
    assert (page.tree.xpath("//dl[contains(@class, 'rates')]"), "还没有履职记录" in page.words) == ([], True)
    assert office.post(f"{BASE}/pages", {"fields": ["phone"]}).status == 422
    listed = public.get("/p/shili/deputies")
    assert [name for name in ("示例代表101", "示例代表102") if name in listed.words] == ["示例代表101"]


def test_pages_are_opened_renewed_closed_and_printed(world, as_, rows):
    office, public = as_("office"), as_()
    one, two, *_ = rows["ids"]
    assert office.post(f"{BASE}/pages/open", {"deputy": [one, two]}).status == 303
    assert office.get(f"{BASE}/cards.pdf").data[:5] == b"%PDF-"
    assert office.get(f"{BASE}/{two}/card.pdf").data[:5] == b"%PDF-"
    assert office.post(f"{BASE}/{one}/page", {"act": "renew"}).status == 303
    assert public.get(f"/p/shili/d/{rows['key']}").status == 404
    assert office.post(f"{BASE}/{one}/page", {"act": "close"}).status == 303
    assert office.get(f"{BASE}/{one}/card.pdf").status == 409
    assert office.post(f"{BASE}/{one}/page", {"act": "fold"}).status == 422
    assert office.post(f"{BASE}/pages/open", {}).status == 422
