"""The page of the proof, and the sealed archive."""

from votes.exports.formats import sealed


def test_the_proof_says_whole(year):
    for state in ("draft", "opened", "counted", "certified", "announced"):
        page = year.browser("office").get(f"/office/rounds/{year.ids['county'][f'round_id:{state}']}/proof")
        assert page.status == 200
        assert "过程记录核验：完整" in page.words


def test_chief_and_office_take_the_archive_encrypted(year):
    for who, status in (("chief", 200), ("office", 200), ("teller", 403), ("leader", 403), ("root", 403)):
        page = year.browser(who).get(f"/rounds/{year.ids['county']['round_id:certified']}/archive.sealed")
        assert page.status == status, who
        if status == 200:
            assert page.response.mimetype == "application/octet-stream"
            assert sealed.head_of(page.data)["name"].endswith(".zip")
            assert b"PK\x03\x04" not in page.data
    for who in ("chief", "office"):
        page = year.browser(who).get(f"/rounds/{year.ids['county']['round_id:counted']}/archive.sealed")
        assert page.status == 403, who
