"""Announcements: what they name, when they appear, and the record by which anybody can count again."""

import json
import subprocess
import sys

import pytest

from tests.plumbing import ROOT
from tests.years import announce, make_round


def test_announcement_names_the_selected_and_nothing_else(as_, world):
    made = make_round(world)
    announce(world, made)
    listed = as_().get("/p/shili/announcements/")
    (link,) = listed.tree.xpath("//ul[@class='notices']//a")
    assert link.text == "示例县人民代表大会主席团公告（第1号）"
    page = as_().get(link.get("href"))
    paper = " ".join(page.tree.xpath("//article[contains(@class,'paper')]")[0].text_content().split())
    assert "票决确定下列2个项目为示例县2027年民生实事项目" in paper
    assert "1．示例项目01 2．示例项目02" in paper
    assert "2027年1月16日" in paper
    assert not any(word in paper for word in ("示例项目03", "赞成", "实到", "收回"))
    assert (
        f"/p/shili/rounds/{made['public_id']}/"
        in as_().get(f"/p/shili/projects/{made['projects'][0]}").links()
    )


def test_record_is_the_same_each_time_and_recounts(as_, world, tmp_path):
    made = make_round(world, publish="names+votes", disclosure="ballots")
    announce(world, made)
    url = f"/p/shili/rounds/{made['public_id']}/record.json"
    page = as_().get(url)
    assert (page.status, page.response.mimetype) == (200, "application/json")
    assert page.data == as_("office").get(url).data
    path = tmp_path / "record.json"
    path.write_bytes(page.data)
    told = subprocess.run(
        [sys.executable, ROOT / "static" / "recount.py", path], capture_output=True, text=True, timeout=60
    )
    assert told.returncode == 0
    assert told.stdout.splitlines()[-1] == "结论：一致"
    changed = json.loads(page.data)
    changed["ballots"][0]["marks"] = {"3": "for"}
    path.write_text(json.dumps(changed, ensure_ascii=False), "utf-8")
    told = subprocess.run(
        [sys.executable, ROOT / "static" / "recount.py", path], capture_output=True, text=True, timeout=60
    )
    assert told.stdout.splitlines()[-1].startswith("结论：不一致")
    checks = as_().get(f"/p/shili/rounds/{made['public_id']}/")
    assert {"/static/recount.py", url} <= set(checks.links())


@pytest.mark.parametrize("ending", ["", "record.json"])
def test_round_before_announcement_is_on_no_public_page(as_, world, ending):
    made = make_round(world)
    assert as_().get(f"/p/shili/rounds/{made['public_id']}/{ending}").status == 404
    for url in ("/p/shili/", "/p/shili/announcements/", "/p/shili/data/", "/p/shili/data/results.json",
                "/p/shili/data/projects.json", "/p/shili/data/projects.csv"):  # fmt: skip
        text = as_().get(url).text
        assert not any(
            word in text for word in ("示例项目01", "示例项目03", made["public_id"], "2027年民生实事项目票决")
        )
    assert all(as_().get(f"/p/shili/projects/{project_id}").status == 404 for project_id in made["projects"])


def test_rehearsal_announced_is_never_public(as_, world):
    made = make_round(world, rehearsal=True)
    announce(world, made)
    assert as_().get(f"/p/shili/rounds/{made['public_id']}/").status == 404
    assert "还没有公告" in as_().get("/p/shili/announcements/").words
    assert as_().get("/p/shili/data/results.json").json["results"] == []


def test_round_of_another_body_is_404(as_, world):
    made = make_round(world)
    announce(world, made)
    assert as_().get(f"/p/linxian/rounds/{made['public_id']}/").status == 404
    assert as_().get("/p/linxian/data/results.json").json["results"] == []
