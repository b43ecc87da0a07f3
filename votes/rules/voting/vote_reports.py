"""A deputy's report of a vote that they did not cast (不是我投的), and what 总监票人 finds about it."""

from votes.rules.codes import one_line
from votes.rules.errors import RuleBroken
from votes.rules.voting.ballots import Source
from votes.rules.voting.digests import canonical_json

MOST_FINDING = 200  # characters


def check_report(channel: str | None) -> None:
    """Refuse to report a vote that the register does not have as cast by phone; ``channel`` is the register's."""
    if channel == Source.PAPER:
        raise RuleBroken(
            "登记显示您领取的是纸质票，没有用手机投过票。如有疑问，请到会场服务台。", code="paper"
        )
    if channel is None:
        raise RuleBroken("登记显示您在这一轮还没有投票，不用报告；现在仍可投票。", code="not_voted")


def check_finding(finding: str, reports: int) -> str:
    """Return what was found, tidied. Raises RuleBroken for none, for too long a text, and where nobody has reported."""
    finding = one_line(finding)
    if not reports:
        raise RuleBroken("没有代表报告“不是我投的”，不用填写核查结果。", code="no_reports")
    if not finding:
        raise RuleBroken("请写明核查结果。", field="finding", status=422)
    if len(finding) > MOST_FINDING:
        words = f"核查结果不超过 {MOST_FINDING} 字，现在 {len(finding)} 字。请精简，您写的内容仍在。"
        raise RuleBroken(words, field="finding", status=422)
    return finding


def check_settled(reports: int, covered: int) -> None:
    """Refuse a signature while some reports (``covered``: how many the finding is about) are without a finding."""
    if reports > covered:
        words = f"有 {reports} 名代表报告“不是我投的”，总监票人还没有写明核查结果，不能签字。"
        if covered:
            words = (
                f"写明核查结果以后，又有代表报告“不是我投的”（共 {reports} 名），请总监票人重新写明，再签字。"
            )
        raise RuleBroken(words, code="unsettled")


def withdrawal(round_id: str, number: str) -> bytes:
    """Return what a teller signs to confirm that the deputy ``number`` withdraws the report; ``round_id`` is public."""
    return canonical_json({"deputy": number, "round": round_id, "withdraws": "report"})
