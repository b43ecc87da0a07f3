"""The documents of supervision: the notice of an inspection (视察通知), and the letter of a 督办件 (督办函)."""

from collections.abc import Sequence
from datetime import date

from votes.exports.formats.layout import Align, Block, Break, Closing, Items, Paper, PaperTable, Text
from votes.exports.formats.official import close_up
from votes.rules.dates import chinese_date
from votes.rules.people.organs import COUNTY, Organ


def notice(
    *,
    signer: str,
    project: str,
    target: str,
    unit: str,
    theme: str,
    on: date,
    place: str,
    lead: str,
    committee: str,
    issued_on: date,
    people: Sequence[tuple[str, str]],
    secret: bool = False,
    organ: Organ = COUNTY,
) -> Paper:
    """Return the 视察通知 for those who take part.

    ``people``: their names, each with the delegation. ``secret``: units and contractors must not learn of it.
    """
    facts = [
        ("时间", chinese_date(on)),
        ("地点", place),
        ("项目", project),
        ("责任单位", unit),
        ("领衔", lead),
        ("对口工委", committee),
    ]
    blocks: list[Block] = [
        Text(f"定于{chinese_date(on)}开展“{theme}”。现将有关事项通知如下："),
        PaperTable(("事项", "内容"), [row for row in facts if row[1]], (20, 80), ("center", "left")),
    ]
    if target:
        blocks += [_heading("项目年度目标"), Text(close_up(target))]
    points = [
        f"请参加{organ.member}提前了解项目情况，重点察看目标任务完成、工程质量和资金使用情况。",
        f"{organ.member}不直接处理问题。发现的问题请如实记录，由工作机构交责任单位办理。",
    ]
    if secret:
        points.insert(0, "本次为暗访，不事先通知责任单位和施工单位，请注意保密。")
    if people:
        points.append(f"参加{organ.member}{len(people)}人，名单附后，请到场后签到。")
    blocks += [_heading("有关要求"), Items(points), Closing(signer, chinese_date(issued_on))]
    if people:
        blocks += [Break(), _sign_in_sheet(people, organ)]
    return Paper(title=f"关于开展{theme}的通知", blocks=blocks, organ=signer)


def _sign_in_sheet(people: Sequence[tuple[str, str]], organ: Organ) -> PaperTable:
    rows = [(str(i), name, group, "") for i, (name, group) in enumerate(people, 1)]
    heads = ("序号", "姓名", organ.group, "签到")
    aligns: list[Align] = ["center", "center", "left", "center"]
    return PaperTable(heads, rows, (12, 28, 36, 24), aligns, caption="附：参加人员签到表", tall=True)


def letter(
    *,
    signer: str,
    number: str,
    unit: str,
    project: str,
    source: str,
    problem: str,
    demand: str,
    person: str,
    issued_on: date,
    due_on: date,
    failed: Sequence[tuple[date, str]] = (),
    reopened: tuple[date, str] | None = None,
) -> Paper:
    """Return the 督办函: the problem, what the unit has to do, by when.

    ``failed``: day and opinion of each second inspection that failed; the last day dates the letter. ``reopened``: the
    day of the letter and the reason, where the problem was closed and has come back.
    """
    again = "经复查，问题仍未整改到位，现再次交办。" if failed else "现交你单位办理。"
    if reopened:
        again = "整改销号后问题再次出现，现重新交办。"
    blocks: list[Block] = [
        Text(f"{unit}：", indent=False),
        Text(f"在对民生实事项目“{project}”的监督中（{source}），发现以下问题，{again}"),
        _heading("一、存在的问题"),
        *_paragraphs(problem),
        _heading("二、整改要求"),
        *_paragraphs(demand),
    ]
    if failed:
        blocks.append(_heading("三、复查意见"))
        blocks += [Text(close_up(f"{chinese_date(on)}复查：{words}")) for on, words in failed]
    if reopened:
        blocks += [
            _heading(f"{'四' if failed else '三'}、重新交办的原因"),
            *_paragraphs(reopened[1]),
        ]
    request = f"请于{chinese_date(due_on)}前完成整改，并书面反馈整改措施和结果，附整改前后的照片等佐证材料。"
    if person:
        request += f"整改责任人：{person}。"
    days = [issued_on, *(on for on, _ in failed), *([reopened[0]] if reopened else ())]
    blocks += [Text(request), Closing(signer, chinese_date(days[-1]))]
    return Paper(title="督办函", number=number, blocks=blocks, organ=signer)


def _heading(words: str) -> Text:
    return Text(words, indent=False, strong=True)


def _paragraphs(words: str) -> list[Text]:
    return [Text(close_up(line.strip())) for line in words.splitlines() if line.strip()]
