"""What the documents of a counted round say, and the sentences and tables that they share.

Plain data in, a `Paper` out (`exports/formats/layout.py`), which becomes a page, a PDF or a Word file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from votes.exports.formats.layout import Align, Block, Paper, PaperTable
from votes.exports.formats.official import digest_lines, full_session, percent, place_of
from votes.rules.codes import grouped
from votes.rules.meeting.rule import Rule
from votes.rules.people.organs import COUNTY, Organ
from votes.rules.supervision.ratings import overall
from votes.rules.voting.ballots import GRADES
from votes.rules.voting.further import nth
from votes.rules.voting.result import (
    SELECTED,
    UNDECIDED,
    RatingCount,
    Result,
    SourceShare,
    TurnoutFigures,
    VoteCount,
)

OUTCOMES = {"selected": "入选", "not_selected": "未入选", "undecided": "待定", "no_majority": "未过半数"}


@dataclass(frozen=True)
class SignatureLine:
    """Hold a signature given in the system, or (without `name`) the place for one by hand."""

    role: str
    name: str = ""
    at: datetime | None = None
    code: str = ""  # 短码
    keyed: bool = True  # with a phone's key; otherwise with a passphrase

    @property
    def code_line(self) -> str:
        """Return whose short code it is, and what a passphrase is worth to others."""
        return f"{self.name} {grouped(self.code)}" + ("" if self.keyed else "（口令签字，第三方无法验证）")


@dataclass(frozen=True)
class RefusalLine:
    """Hold a teller who declined to sign, and why; `signed` is True when they signed afterwards all the same."""

    role: str
    name: str
    reason: str
    at: datetime
    signed: bool = False


@dataclass(frozen=True)
class ReportLines:
    """Hold how many deputies reported a vote that was not cast by them, and what 总监票人 found.

    `later` is how many of `number` came after the first signature; `finding_later` is what was found about those.
    """

    number: int
    decision: str
    withdrawn: int = 0
    later: int = 0
    finding_later: str = ""


@dataclass(frozen=True, kw_only=True)
class VoteData:
    """Hold what every document of a round says.

    body        示例县人民代表大会
    session     第十八届人民代表大会第五次会议
    title       2027年民生实事项目票决
    held_on     the day of the vote, as planned or as it was
    organ       the kind of organ that decides: names of its members, its presidium and its announcement
    digests     (label, hex) of what is frozen, in the order in which they are printed
    """

    body: str
    session: str
    title: str
    held_on: date
    rule: Rule
    organ: Organ = COUNTY
    ordinal: int = 1
    rehearsal: bool = False
    digests: Sequence[tuple[str, str]] = ()
    algorithm: str = "sha256"
    software: str = ""

    @property
    def full_session(self) -> str:
        """Return the session's full name."""
        return full_session(self.body, self.session)

    @property
    def is_rating(self) -> bool:
        """Return True for a 满意度测评."""
        return self.rule.method == "rating"

    @property
    def round_mark(self) -> str:
        """Return （第二轮） for a further round, nothing for the first."""
        return f"（{nth(self.ordinal)}）" if self.ordinal > 1 else ""


@dataclass(frozen=True, kw_only=True)
class SheetData(VoteData):
    """Hold everything that the documents of one counted round say.

    names       the projects' names by printed number
    shares      (phone, paper) where the round had paper
    next_step   what follows by the rule: none | tie_rerun | tie_presidium | vacant | shortfall_further | void_again
    number      of the announcement; `announced_on` its date (default: the day of the vote)
    list_name   the announcement's name for the list; the default is made from body and title
    decided     numbers of the tied projects that the presidium took; `decision` says where, how and when
    together    earlier rounds of the question that the same announcement publishes
    already     name by number of the question's projects announced before, `announced` those announcements' numbers
    """

    turnout: TurnoutFigures
    result: Result
    names: Mapping[int, str]
    shares: tuple[SourceShare, SourceShare] | None = None
    next_step: str = "none"
    signatures: Sequence[SignatureLine] = ()
    refusals: Sequence[RefusalLine] = ()
    reports: ReportLines | None = None  # None: nobody reported
    number: int | None = None
    announced_on: date | None = None
    list_name: str = ""
    decided: Sequence[int] = ()
    decision: str = ""
    together: Sequence["SheetData"] = ()
    already: Mapping[int, str] = field(default_factory=dict)
    announced: Sequence[int] = ()

    @property
    def shows_votes(self) -> bool:
        """Return True when the rule publishes figures."""
        return self.rule.publish == "names+votes"

    @property
    def selected(self) -> list[VoteCount]:
        """Return the selected in list order: only the counting sheet shows the order of votes."""
        return [row for row in self.result.counts if row.outcome == SELECTED]

    @property
    def undecided(self) -> list[VoteCount]:
        """Return the projects tied across the cut, in list order."""
        return [row for row in self.result.counts if row.outcome == UNDECIDED]

    @property
    def chosen(self) -> list[VoteCount]:
        """Return those selected by the vote or taken by the presidium, in list order."""
        return [row for row in self.result.counts if row.outcome == SELECTED or row.no in self.decided]

    @property
    def stands(self) -> bool:
        """Return True when the vote is valid as a whole."""
        return self.result.void is None and self.turnout.returned <= self.turnout.issued

    @property
    def list_title(self) -> str:
        """Return the name of the list: 示例县2027年民生实事项目."""
        name, place = self.title.removesuffix("票决").removesuffix("人大代表"), place_of(self.body)
        return self.list_name or (name if name.startswith(place) else place + name)

    @property
    def foot(self) -> list[tuple[str, str]]:
        """Return the small print with all digests and the short codes of those who signed."""
        lines = digest_lines(list(self.digests), self.algorithm, self.software)
        codes = [each.code_line for each in self.signatures if each.code]
        return [*lines, ("签字短码", "；".join(codes))] if codes else lines


def vote_paper(data: VoteData, title: str, blocks: Sequence[Block], **options: Any) -> Paper:
    """Return a document of the round; ``options`` are further fields of `Paper`."""
    options = {"subtitle": data.full_session, **options}
    return Paper(title=title, blocks=blocks, organ=data.body, rehearsal=data.rehearsal, **options)


def numbers(rows: Sequence[VoteCount]) -> str:
    """Return the printed numbers of the rows: 1、3、4."""
    return "、".join(str(row.no) for row in rows)


def compared(returned: int, issued: int) -> str:
    """Return the beginning of the sentence on validity: 收回的票少于发出的票."""
    relation = "等于" if returned == issued else "少于" if returned < issued else "多于"
    return f"收回的票{relation}发出的票"


def centred(columns: int) -> list[Align]:
    """Return the alignment of so many centred columns."""
    return ["center"] * columns


def project_table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    caption: str = "",
    **options: bool,
) -> PaperTable:
    """Return a table of one row a project: number and name, then ``heads`` centred; ``options`` as of `PaperTable`."""
    aligns: list[Align] = ["center", "left", *centred(len(heads))]
    return PaperTable(["序号", "项目名称", *heads], rows, widths, aligns, caption, **options)


def grade_word(row: RatingCount) -> str:
    """Return the grade of a rated project in Chinese; "—" in a void round."""
    return GRADES.get(row.grade or "", "—")


def overall_rate(data: SheetData) -> str:
    """Return the sentence on 总体满意率 of a rating, in both usages."""
    rate = overall(data.result.ratings, data.turnout.returned)
    return (
        f"总体满意率（以收回的票数与项目数之积为基数）：仅计满意的为{percent(rate.satisfied, rate.base)}，"
        f"满意和基本满意合计的为{percent(rate.favourable, rate.base)}。"
    )


def results_table(data: SheetData, caption: str = "") -> PaperTable:
    """Return all figures of the round, one row a project, with the rates of 应到 and of 有效."""
    roster, threeway = data.turnout.roster, data.rule.method != "choose"
    rows: list[list[str]] = []
    for rated in data.result.ratings:
        figures = [*map(str, rated.figures), str(rated.void)]
        rate = percent(rated.satisfied + rated.basically, roster)
        rows.append([str(rated.no), data.names[rated.no], *figures, rate, grade_word(rated)])
    for row in data.result.counts:
        rates = [percent(row.for_, roster), percent(row.for_, data.result.valid)]
        outcome = OUTCOMES.get(row.outcome, row.outcome) if data.stands else "—"
        figures = [*map(str, mark_figures(row, data.rule.method))]
        rows.append([str(row.no), data.names[row.no], *figures, *rates, outcome])
    if data.is_rating:
        heads, widths = ["满意", "基本满意", "不满意", "无效", "满意率", "等次"], [7, 33, 8, 11, 9, 8, 12, 12]
    elif threeway:
        heads, widths = ["赞成", "反对", "弃权", "占应到", "占有效票", "结果"], [7, 31, 8, 8, 8, 12, 13, 13]
    else:
        heads, widths = ["赞成", "弃权", "占应到", "占有效票", "结果"], [7, 38, 9, 9, 12, 12, 13]
    return project_table(heads, rows, widths, caption)


def mark_figures(row: VoteCount | RatingCount, method: str) -> tuple[int, ...]:
    """Return the figures of a project's row; `choose` knows no 反对."""
    return (row.figures[0], row.figures[2]) if method == "choose" else row.figures
