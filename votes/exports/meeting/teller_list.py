"""监票人名单 with the short codes: each teller compares the code with the own phone and signs by hand."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from votes.exports.formats.layout import Align, Paper, PaperTable, Text
from votes.exports.formats.official import full_session
from votes.rules.codes import grouped
from votes.rules.dates import chinese_date

_HEADS = ["职责", "姓名", "代表证号", "签字方式", "短码", "本人签名"]
_WIDTHS = [13, 14, 13, 14, 22, 24]
_ALIGNS: list[Align] = ["center"] * 6
_KINDS = {"key": "手机密钥", "passphrase": "口令"}


class TellerLine(NamedTuple):
    """One teller; ``kind`` key | passphrase, both empty before the secret is set."""

    chief: bool
    name: str
    number: str
    code: str = ""
    kind: str = ""


def teller_list(
    *, body: str, session: str, passed: tuple[date | None, str], rows: Sequence[TellerLine]
) -> Paper:
    """Return the list; ``passed`` is when and how the plenary passed it."""
    on, how = passed
    approval = (
        f"下列监票人已于{chinese_date(on)}经会议通过（{how}）。"
        if on
        else "下列监票人名单尚未登记经会议通过。"
    )
    lines = [
        [
            *("总监票人" if row.chief else "监票人", row.name, row.number),
            *(_KINDS.get(row.kind, "未设定"), grouped(row.code) or "—", ""),
        ]
        for row in rows
    ]
    advice = (
        "请各位监票人将本人手机上显示的短码与上表逐字对照：一致的，在“本人签名”一栏手写签名；不一致的不要签名，"
        "立即告诉会议工作人员。本名单须在开启投票前签好，扫描留存；计票报告单和会场大屏上的短码应与本名单相同。"
    )
    return Paper(
        title="监票人名单及签字短码",
        subtitle=full_session(body, session),
        blocks=[Text(approval), PaperTable(_HEADS, lines, _WIDTHS, _ALIGNS), Text(advice)],
        organ=body,
        form=True,
    )
