"""The papers of supervision: the notice of an inspection (视察通知) and the letter that goes with a 督办件 (督办函)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from votes.exports.formats.layout import Align, Block, Break, Closing, Items, Paper, PaperTable, Text
from votes.exports.formats.official import close_up
from votes.rules.dates import chinese_date


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What a notice of `issued_on` says. `people`: (name, delegation); `secret`: nobody outside is to know; `member`: 代表,
    `group`: 代表团.
    """

    signer: str
    project: str
    target: str
    unit: str
    theme: str
    on: date
    place: str
    lead: str
    committee: str
    issued_on: date
    people: Sequence[tuple[str, str]]
    secret: bool = False
    member: str = "代表"
    group: str = "代表团"


def notice(data: Visit) -> Paper:
    """视察通知, to hand out to those who take part."""
    facts = [
        ("时间", chinese_date(data.on)),
        ("地点", data.place),
        ("项目", data.project),
        ("责任单位", data.unit),
        ("领衔", data.lead),
        ("对口工委", data.committee),
    ]
    blocks: list[Block] = [
        Text(f"定于{chinese_date(data.on)}开展“{data.theme}”。现将有关事项通知如下："),
        PaperTable(
            ("事项", "内容"),
            [row for row in facts if row[1]],
            (20, 80),
            ("center", "left"),
        ),
    ]
    if data.target:
        blocks += [Text("项目年度目标", indent=False, strong=True), Text(close_up(data.target))]
    points = [
        f"请参加{data.member}提前了解项目情况，重点察看目标任务完成、工程质量和资金使用情况。",
        f"{data.member}不直接处理问题。发现的问题请如实记录，由工作机构交责任单位办理。",
    ]
    if data.secret:
        points.insert(0, "本次为暗访，不事先通知责任单位和施工单位，请注意保密。")
    if data.people:
        points.append(f"参加{data.member}{len(data.people)}人，名单附后，请到场后签到。")
    blocks += [
        Text("有关要求", indent=False, strong=True),
        Items(points),
        Closing(data.signer, chinese_date(data.issued_on)),
    ]
    if data.people:
        blocks.append(Break())
        aligns: tuple[Align, ...] = ("center", "center", "left", "center")
        blocks.append(
            PaperTable(
                ("序号", "姓名", data.group, "签到"),
                [(str(i), name, group, "") for i, (name, group) in enumerate(data.people, 1)],
                (12, 28, 36, 24),
                aligns,
                caption="附：参加人员签到表",
                tall=True,
            )
        )
    return Paper(title=f"关于开展{data.theme}的通知", blocks=blocks, organ=data.signer)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a 督办函 says. `failed`: (day, what was found wanting) of earlier re-inspections; the last dates the letter.
    `reopened`: (day of the letter, why) where it was settled and has come back.
    """

    signer: str
    number: str
    unit: str
    project: str
    source: str
    problem: str
    demand: str
    person: str
    issued_on: date
    due_on: date
    failed: Sequence[tuple[date, str]] = ()
    reopened: tuple[date, str] | None = None


def letter(data: Letter) -> Paper:
    """督办函: the problem, what is asked for, by when."""
    again = "经复查，问题仍未整改到位，现再次交办。" if data.failed else "现交你单位办理。"
    if data.reopened:
        again = "整改销号后问题再次出现，现重新交办。"
    blocks: list[Block] = [
        Text(f"{data.unit}：", indent=False),
        Text(f"在对民生实事项目“{data.project}”的监督中（{data.source}），发现以下问题，{again}"),
        Text("一、存在的问题", indent=False, strong=True),
        *_paragraphs(data.problem),
        Text("二、整改要求", indent=False, strong=True),
        *_paragraphs(data.demand),
    ]
    if data.failed:
        blocks.append(Text("三、复查意见", indent=False, strong=True))
        blocks += [Text(close_up(f"{chinese_date(on)}复查：{words}")) for on, words in data.failed]
    if data.reopened:
        number = "四" if data.failed else "三"
        blocks += [
            Text(f"{number}、重新交办的原因", indent=False, strong=True),
            *_paragraphs(data.reopened[1]),
        ]
    asked = (
        f"请于{chinese_date(data.due_on)}前完成整改，并书面反馈整改措施和结果，附整改前后的照片等佐证材料。"
    )
    if data.person:
        asked += f"整改责任人：{data.person}。"
    last = data.failed[-1][0] if data.failed else data.issued_on
    if data.reopened:
        last = data.reopened[0]
    blocks += [Text(asked), Closing(data.signer, chinese_date(last))]
    return Paper(title="督办函", number=data.number, blocks=blocks, organ=data.signer)


def _paragraphs(words: str) -> list[Text]:
    return [Text(close_up(line.strip())) for line in words.splitlines() if line.strip()]
