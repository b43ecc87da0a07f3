"""Matters (建议事项): the lifecycles of a matter and of its transfers to units, its outcomes, what its texts must say."""

from dataclasses import dataclass, replace
from enum import StrEnum

from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import declare


class MatterState(StrEnum):
    """Where a matter stands."""

    OPEN = "open"
    TRANSFERRED = "transferred"  # 交办: a unit has been asked for its opinion
    REPORTED = "reported"  # the unit has answered; the office decides
    DECIDED = "decided"


#: What the office may do with a matter that it has to decide.
_WITH_OFFICE = {"transfer": MatterState.TRANSFERRED, "decide": MatterState.DECIDED}
#: state → action → next state; "merge": suggestions come to the matter or leave it
MATTER: dict[MatterState, dict[str, MatterState]] = {
    MatterState.OPEN: _WITH_OFFICE | {"merge": MatterState.OPEN},
    MatterState.TRANSFERRED: {
        "answer": MatterState.REPORTED,
        "return": MatterState.OPEN,
        "recall": MatterState.OPEN,
    },
    MatterState.REPORTED: _WITH_OFFICE | {"merge": MatterState.REPORTED},
    MatterState.DECIDED: {"reopen": MatterState.OPEN},
}
declare(MATTER)


class Outcome(StrEnum):
    """The outcome of a matter (处理结果)."""

    CANDIDATE = "candidate"
    RESERVE = "reserve"
    DEPUTY_PROPOSAL = "deputy_proposal"
    DECLINED = "declined"
    OUT_OF_SCOPE = "out_of_scope"


#: Outcomes that need a reason.
WITH_REASON = (Outcome.DECLINED, Outcome.OUT_OF_SCOPE)


class TransferState(StrEnum):
    """Where a transfer to a unit (交办件) stands."""

    SENT = "sent"
    RETURNED = "returned"  # 退回: the unit is not responsible
    ANSWERED = "answered"
    RECALLED = "recalled"


#: state → action → next state
TRANSFER: dict[TransferState, dict[str, TransferState]] = {
    TransferState.SENT: {
        "answer": TransferState.ANSWERED,
        "return": TransferState.RETURNED,
        "recall": TransferState.RECALLED,
    },
}
declare(TRANSFER)

MAX_TITLE, MAX_TEXT, MAX_REASON = 60, 2000, 200


def check_mergeable(state: MatterState, name: str = "") -> None:
    """Raise RuleBroken where suggestions can no longer come to the matter called ``name`` or leave it."""
    if "merge" not in MATTER[state]:
        why = "已交办责任单位，请先撤回交办" if state == MatterState.TRANSFERRED else "已办结，请先重新办理"
        raise RuleBroken(
            f"建议事项{f'“{name}”' if name else ''}{why}，再作归并或拆分。没有改动。", code="not_mergeable"
        )


def check_length(field: str, word: str, text: str, longest: int = MAX_TEXT) -> None:
    """Raise RuleBroken at ``field``, which the page calls ``word``, for more than ``longest`` characters."""
    if len(text) > longest:
        raise invalid(field, f"{word}最多 {longest} 个字，现有 {len(text)} 个。")


@dataclass(frozen=True)
class MatterText:
    """What the office fills in about a matter."""

    title: str
    summary: str
    category: str = ""
    village_id: int | None = None

    def tidied(self) -> "MatterText":
        """Return it with title and summary tidied. Raise RuleBroken at the field of one that is missing or too long."""
        title = required("title", tidy(" ".join(self.title.split())), "请填写事项名称。")
        summary = tidy(self.summary.replace("\r\n", "\n"))
        check_length("title", "事项名称", title, MAX_TITLE)
        check_length("summary", "内容摘要", summary)
        return replace(self, title=title, summary=summary)


def tidy(text: str) -> str:
    """Strip typed text, and remove the null characters that PostgreSQL refuses."""
    return text.replace("\x00", "").strip()


def required(field: str, text: str, message: str) -> str:
    """Return ``text``. Raise RuleBroken with ``message`` at ``field`` where it is empty."""
    if not text:
        raise invalid(field, message)
    return text


def check_outcome(outcome: Outcome, *, reason: str, answer: str) -> None:
    """Raise RuleBroken at the field where the reason for ``outcome`` is missing, or a text is too long."""
    if outcome in WITH_REASON:
        required("reason", reason.strip(), "请写明理由：理由随处理结果告知建议人。")
    check_length("reason", "理由", reason)
    check_length("answer", "答复", answer)
