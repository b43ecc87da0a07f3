"""A tie at the cut goes to a second round, from the result page down to the joined list that the public reads."""

import json
import subprocess
import sys

import pytest

from tests import factories
from tests.journeys.halls import TODAY
from tests.journeys.test_year import choose, receipt
from tests.plumbing import ROOT

pytestmark = pytest.mark.journey


def test_a_tie_goes_to_a_second_round_and_one_list_is_announced(make_hall, tmp_path):
    hall = make_hall(8)
    with hall.world.work():
        listed = [p.id for p in factories.make_listed(4, year=TODAY.year + 1)]
    rule = {
        "seats": 2,
        "publish": "names+votes",
        "disclosure": "ballots",
        "small_body": 0,
        "majority": "valid",
    }
    first = hall.round(f"{TODAY.year + 1}年民生实事项目票决", listed, rule=rule, colour="pink")
    # 2 and 3 are level at the cut with five votes each, more than half of eight
    papers = [{1: "for", 2: "for"}] * 3 + [{1: "for", 3: "for"}] * 3 + [{2: "for", 3: "for"}] * 2
    hall.vote(first, papers)
    hall.close_and_sign(first)

    office = hall.office()
    office.open(f"/office/rounds/{first}")
    office.reads("第 2、3 项票数相等，尚有 1 个名额不能确定", "以得票多的确定")
    assert office.confirm("设立第二轮：2 选 1") == 200
    office.reads("第二轮已设立", "项目沿用上一轮选票上的序号", "还不能开启：监票人还没有确认票箱为空")
    second = office.page.url
    office.open(f"/office/rounds/{first}")
    assert office.page.locator("summary", has_text="设立第二轮").count() == 0
    office.follow("打开第二轮")
    assert office.page.url == second

    chief = hall.phone(0)
    chief.open(f"/teller/rounds/{second.rpartition('/')[2]}")
    chief.press("确认票箱为空")
    office.open(second)
    office.confirm("开启投票")

    voter = hall.phone(5, viewport={"width": 360, "height": 640})
    voter.reads("第二轮", "粉红色票")
    voter.follow("去投票")
    voter.reads("共 2 项，最多选 1 项")
    assert [each.inner_text() for each in voter.page.locator("legend .no").all()] == ["2", "3"]
    choose(voter, {3})
    voter.press("核对选票")
    voter.reads("选择 1 项")
    voter.press("提交选票")
    code = receipt(voter)
    second_id = int(second.rpartition("/")[2])
    hall.vote(second_id, [{3: "for"}] * 3 + [{2: "for"}] * 2)
    hall.vote(second_id, [{3: "for"}, {}], first=6)

    office.open(second)
    office.confirm("关闭票箱")
    for phone in (chief, hall.phone(1)):
        phone.open(f"/teller/rounds/{second_id}")
        phone.press("签字确认")
    office.open(second)
    office.reads("各轮合并的名单（2 项）", "示例项目01 第一轮", "示例项目03 第二轮")
    office.follow("发布公告")
    office.fill(number=1, announced_on=TODAY.isoformat())
    office.press("发布公告")
    office.reads("公告已发布")

    assert code in read_announcement(hall, tmp_path)


def read_announcement(hall, folder) -> str:
    """Check the one announcement of both rounds as a citizen does; return the record of the second round."""
    citizen = hall.meet(hall.site)
    citizen.open("/p/shili/announcements/")
    assert citizen.page.locator("main ul.notices li").count() == 1, "both rounds stand in one announcement"
    citizen.go(citizen.page.locator("main ul.notices a"))
    citizen.reads(
        "经2轮投票，票决确定下列2个项目",
        "第一轮投票应到代表8人",
        "第二轮投票应到代表8人",
        "各轮合并的名单（2 项）",
    )
    assert "示例项目02" not in citizen.words
    for word, votes in (("第一轮", {"1": 6}), ("第二轮", {"3": 5})):
        path = citizen.download(f"{word}票决记录", folder)
        record = json.loads(path.read_text("utf-8"))
        counts = {str(row["no"]): row["for"] for row in record["result"]["counts"]}
        assert {no: counts[no] for no in votes} == votes
        told = subprocess.run(
            [sys.executable, ROOT / "static" / "recount.py", path], capture_output=True, text=True, check=True
        )
        assert "结论：一致" in told.stdout
    return path.read_text("utf-8")
