"""Matters in every state, with transfers, decisions and a project; suggestions on the work list."""

from typing import Any

from tests.worlds.solicitation import photo
from tests.years import at
from votes.models import Matter, Suggestion
from votes.rules.people.actor import Actor
from votes.rules.suggestions.matters import Outcome
from votes.rules.suggestions.suggestions import Channel
from votes.services.suggestions import decisions, intake, matters, merging, transfers

WHICH: dict[str, dict[str, str]] = {
    "matters.compare": {"suggestion_id": "waiting"},
    "matters.pair": {"suggestion_id": "waiting"},
    "matters.reopen": {"matter_id": "reserve"},
    "matters.take_up": {"matter_id": "reserve"},
    "matters.transfer": {"matter_id": "open"},
    "matters.decide": {"matter_id": "open"},
    "matters.recall": {"matter_id": "transferred"},
    "transfers.photo": {"attachment_id": "transferred"},
}
NOW = at(2027, 6, 1)


def fill(world: Any, body: str, size: int, ids: dict[str, Any]) -> dict[str, Any]:
    """Make ``size`` of everything; the matter that became a project has as many transfers and decisions."""
    unit, photos = world.departments[body], photo()
    with world.work(body):
        office, clerk = world.actor("office", body), Actor(name="示例经办人")

        def suggest(title: str, year: int = 2028) -> Suggestion:
            return intake.receive(
                channel=Channel.VISIT, title=title, content=f"{title}，请研究解决。", category="便民服务",
                year=year, photos=photos, village_id=ids.get("village_id"), by=office, now=NOW,
            )  # fmt: skip

        def opened(title: str, year: int = 2028) -> Matter:
            made = merging.open_matter(
                [suggest(f"{title}{i}", year) for i in range(size)], by=office, now=NOW
            )
            matter = matters.get(made.id)
            assert matter is not None
            return matter

        def sent(matter: Matter) -> Any:
            return transfers.send(matter, unit, instruction="请研究。", by=office, now=NOW)

        waiting = [suggest("村口安装路灯") for _ in range(2 * size)]
        for _ in range(size):
            chosen = opened("实事项目建议", 2026)
            for _ in range(size):
                transfers.send_back(sent(chosen), "不属本单位职责", by=clerk, now=NOW)
                decisions.decide(chosen, Outcome.DECLINED, reason="条件不成熟。", by=office, now=NOW)
                decisions.reopen(chosen, by=office, now=NOW)
            transfers.answer(sent(chosen), opinion="可行。", proposal=Outcome.CANDIDATE, by=clerk, now=NOW)
            decisions.decide(
                chosen, Outcome.CANDIDATE, project_id=ids["project_id:selected"], answer="已纳入候选。",
                by=office, now=NOW,
            )  # fmt: skip
            open_one = opened("待办理的建议")
            transferred = opened("已交办的建议")
            made = sent(transferred)
            reserve = opened("储备的建议")
            decisions.decide(reserve, Outcome.RESERVE, by=office, now=NOW)
        return {
            "suggestion_id:waiting": waiting[0].id,
            "matter_id": chosen.id,
            "matter_id:open": open_one.id,
            "matter_id:transferred": transferred.id,
            "matter_id:reserve": reserve.id,
            "transfer_id": made.id,
            "attachment_id:transferred": transferred.suggestions[0].photos[0].id,
        }
