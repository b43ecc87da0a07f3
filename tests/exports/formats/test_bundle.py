"""Several files as one zip, with a manifest."""

import io
import zipfile

import pytest

from tests.exports.tools import manifest_faults
from votes.exports.formats import bundle

FILES = {"乙.txt": b"2", "甲.txt": b"1"}


def test_zip_of_the_same_files_is_the_same():
    assert bundle.zipped(FILES) == bundle.zipped(dict(reversed(FILES.items())))
    with zipfile.ZipFile(io.BytesIO(bundle.zipped(FILES))) as opened:
        assert opened.namelist() == sorted(FILES)
        assert all(entry.flag_bits & 0x800 for entry in opened.infolist()), "names are UTF-8"


@pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
def test_manifest_names_every_file_with_its_hash(algorithm):
    files = bundle.with_manifest(FILES, algorithm, title="文书", year=2027)
    assert sorted(files) == sorted([*FILES, "manifest.json", bundle.SUMS[algorithm]])
    assert manifest_faults(files) == []
    assert manifest_faults({**files, "甲.txt": b"3"}) == ["甲.txt"]
    assert files[bundle.SUMS[algorithm]].decode().splitlines()[1].endswith("  甲.txt")
