"""The parts of a download are kept until they are packed, an hour at most."""

import os
import time
from pathlib import Path

import pytest

from votes.rules.errors import RuleBroken
from votes.web import download_parts

pytestmark = pytest.mark.sqlite

JOB = "0123456789abcdef"


@pytest.fixture
def folder(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "INSTANCE_PATH", str(tmp_path))
    with app.app_context():
        yield tmp_path / "made"


def test_parts_are_taken_once(folder: Path):
    download_parts.put("round", JOB, "a.pdf", b"a")
    download_parts.put("round", JOB, "b.pdf", b"b")
    assert download_parts.take("round", JOB, ["a.pdf", "b.pdf"]) == {"a.pdf": b"a", "b.pdf": b"b"}
    with pytest.raises(RuleBroken) as refusal:
        download_parts.take("round", JOB, ["a.pdf"])
    assert refusal.value.code == "part_missing"


def test_missing_part_is_refused_and_the_others_removed(folder: Path):
    download_parts.put("round", JOB, "a.pdf", b"a")
    with pytest.raises(RuleBroken):
        download_parts.take("round", JOB, ["a.pdf", "b.pdf"])
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("job", ["", "../../etc", "0123", JOB.upper()])
def test_job_name_that_the_page_does_not_make_is_refused(folder: Path, job: str):
    with pytest.raises(RuleBroken):
        download_parts.put("round", job, "a.pdf", b"a")


def test_sweep_removes_old_parts_only(folder: Path):
    download_parts.put("old", JOB, "a.pdf", b"a")
    download_parts.put("new", JOB, "a.pdf", b"a")
    old = folder / f"old-{JOB}"
    os.utime(old, (time.time() - download_parts.LIFETIME - 1,) * 2)
    download_parts.sweep()
    assert [each.name for each in folder.iterdir()] == [f"new-{JOB}"]
