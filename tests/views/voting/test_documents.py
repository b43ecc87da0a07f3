"""The page of the papers: one by one, or all as one zip, with a script and without."""

import io
import json
import os
import zipfile
from datetime import date
from pathlib import Path

import pytest

from tests import factories
from tests.exports.tools import manifest_faults
from tests.world import filled
from votes.db import db
from votes.models import Round
from votes.services import audit
from votes.services.meeting import sessions

JOB = "0123456789abcdef"


def papers_url(year, state="certified", body="county") -> str:
    return f"/office/rounds/{year.ids[body][f'round_id:{state}']}/papers"


def unzip(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def made_folder(year) -> Path:
    return Path(year.app.config["INSTANCE_PATH"]) / "made"


def test_works(year):
    page = year.browser("office").get(papers_url(year))
    assert page.status == 200
    assert "下载全部文书（ZIP" in page.words
    assert f"{papers_url(year)}/report.pdf" in page.links()


def test_before_the_signatures_the_page_says_what_is_missing(year):
    page = year.browser("office").get(papers_url(year, "counted"))
    assert "总监票人和监票人签字确认后才能生成" in page.words
    assert f"{papers_url(year, 'counted')}/report.pdf" not in page.links()
    assert year.browser("office").get(f"{papers_url(year, 'counted')}/report.pdf").status == 403
    assert year.browser("office").get(f"{papers_url(year, 'opened')}/attendance.pdf").status == 409


@pytest.mark.parametrize(
    ("name", "kind", "starts"),
    [("method", "pdf", b"%PDF"), ("script", "docx", b"PK"), ("report", "pdf", b"%PDF")],
)
def test_each_paper_is_a_file(year, name, kind, starts):
    page = year.browser("leader").get(f"{papers_url(year)}/{name}.{kind}")
    assert (page.status, page.data[: len(starts)]) == (200, starts)
    assert "attachment" in page.response.headers["Content-Disposition"]


def test_with_a_script_part_after_part_and_then_the_whole(year):
    browser = year.browser("office")
    page = browser.get(papers_url(year))
    form = page.tree.get_element_by_id("make-all")
    parts, names = form.get("data-parts").split(" "), form.get("data-names").split("|")
    for part in parts:
        assert browser.post(papers_url(year), {"job": JOB, "part": part}).status == 204
    done = browser.post(papers_url(year), {"job": JOB})
    assert (done.status, done.response.mimetype) == (200, "application/zip")
    files = unzip(done.data)
    assert sorted(files) == sorted([*names, "manifest.json", "SHA256SUMS"])
    assert manifest_faults(files) == []
    assert json.loads(files["manifest.json"])["title"].startswith("文书-")
    assert list(made_folder(year).iterdir()) == [], "nothing is left behind"


def test_a_part_that_was_not_made_is_said_and_nothing_is_packed(year):
    browser = year.browser("office")
    assert browser.post(papers_url(year), {"job": JOB, "part": "points.docx"}).status == 204
    page = browser.post(papers_url(year), {"job": JOB})
    assert page.status == 409
    assert "有文书没有生成" in page.words
    assert list(made_folder(year).iterdir()) == []


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"job": "../../x", "part": "points.docx"}, 422),
        ({"job": "", "part": "points.docx"}, 422),
        ({"job": JOB, "part": "nothing.pdf"}, 404),
        ({"job": JOB, "part": "../points.docx"}, 404),
        ({"job": "x" * 300}, 422),
        ({}, 422),
    ],
)
def test_nonsense_is_refused(year, data, status):
    assert year.browser("office").post(papers_url(year), data).status == status


def test_without_a_script_one_request_does_all(year):
    files = unzip(year.browser("office").post(papers_url(year, "draft"), {"whole": "1"}).data)
    assert manifest_faults(files) == []
    assert sorted(name for name in files if name.endswith(".pdf")) == [
        "01-票决办法（草案）.pdf", "02-票决办法要点.pdf", "03-票样.pdf", "04-主持词.pdf", "05-签到册.pdf",
        "13-举手表决结果.pdf",
    ]  # fmt: skip


@pytest.mark.parametrize("url", ["", "/method.pdf", "/report.pdf"])
def test_another_body_and_a_wrong_role(year, url):
    assert year.browser("office").get(papers_url(year, body="other") + url).status == 404
    assert year.browser("government").get(papers_url(year) + url).status == 403


def test_what_others_left_behind_is_swept(year):

    old = made_folder(year) / "left-0123456789abcdef"
    old.mkdir(parents=True, exist_ok=True)
    os.utime(old, (1, 1))
    year.browser("office").post(papers_url(year), {"job": JOB, "part": "record.json"})
    assert not old.exists()
    year.browser("office").post(papers_url(year), {"job": JOB})


# --- proof and archive ------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
def test_a_new_round_takes_the_digest_of_the_setting(as_, world, monkeypatch, algorithm):

    with world.work():
        listed = [p.id for p in factories.make_listed(3)]
        meeting = sessions.create_session(
            title="第一次会议", year=2027, starts_on=date(2027, 1, 15), ends_on=date(2027, 1, 16), place="",
            by=audit.SYSTEM, now=factories.NOW,
        ).id  # fmt: skip
    monkeypatch.setitem(world.app.config, "HASH_ALGORITHM", algorithm)
    browser = as_("office")
    form = filled(browser.get(f"/office/sessions/{meeting}/rounds/new"))
    page = browser.post(
        f"/office/sessions/{meeting}/rounds/new", {**form, "projects": [str(i) for i in listed], "seats": "2"}
    )
    assert page.status == 303, page.words
    with world.work():
        assert db.session.query(Round).one().hash_name == algorithm
