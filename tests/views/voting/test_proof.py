"""The page of the proof, and the sealed archive."""

from tests.exports.tools import manifest_faults
from tests.views.voting.test_documents import unzip


def test_the_proof_says_whole(year):
    for state in ("draft", "opened", "counted", "certified", "announced"):
        page = year.browser("office").get(f"/office/rounds/{year.ids['county'][f'round_id:{state}']}/proof")
        assert page.status == 200
        assert "过程记录核验：完整" in page.words


def test_the_chief_alone_takes_the_archive(year):
    url = f"/teller/rounds/{year.ids['county']['round_id:certified']}/archive.zip"
    page = year.browser("chief").get(url)
    assert (page.status, page.response.mimetype) == (200, "application/zip")
    assert manifest_faults(unzip(page.data)) == []
    assert year.browser("office").get(url).status == 403
    assert year.browser("teller").get(url).status == 403
    assert year.browser("chief").get(url.replace(str(year.ids["county"]["round_id:certified"]), str(year.ids["county"]["round_id:counted"]))).status == 403  # fmt: skip
