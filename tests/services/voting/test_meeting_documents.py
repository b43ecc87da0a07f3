"""The papers of the day of a real round: opened again, and their figures compared with the record."""

from datetime import date
from io import BytesIO

import docx
import openpyxl
import pytest

from tests.exports.tools import pdf_text
from tests.factories import NOW
from tests.services.voting import (
    test_ballot_boxes as boxes,
    test_further as further_rounds,
    test_paper_ballots as on_paper,
)
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, sign
from votes.db import db
from votes.exports.formats import layout as papers
from votes.exports.formats.layout import PaperTable
from votes.models import RollEntry
from votes.rules.errors import RuleBroken
from votes.rules.voting import meeting_documents as rules
from votes.services.delivery import announcements
from votes.services.meeting import motions, rounds
from votes.services.voting import archive, documents, meeting_documents, proof, signing, tally

TODAY = date(2027, 1, 15)


def at(world, state: str, *, voters=12, **rule):
    """Make a round in `state`, in which `voters` of twelve have voted."""
    hall = make_hall(world, **{"publish": "names+votes", "disclosure": "ballots", **rule})
    steps = ["draft", "opened", "counted", "certified", "announced"]
    far = steps.index(state)
    if far >= 1:
        open_(world, hall)
        for number in range(voters):
            cast(world, hall, number, {1: "for", 2: "for", 3 if number < 8 else 4: "for"})
    if far >= 2:
        close(world, hall)
    if far >= 3:
        sign(world, hall, 0)
        sign(world, hall, 1)
    if far >= 4:
        with world.work():
            round_ = rounds.get_round(hall["round"])
            announcements.announce(round_, number=3, announced_on=TODAY, by=BY, now=NOW)
    return hall


@pytest.mark.parametrize(
    ("state", "there"),
    [
        ("draft", {"method", "points", "sample", "script", "signing_in"}),
        ("opened", {"method", "points", "sample", "script", "signing_in"}),
        ("counted", {"method", "points", "sample", "script", "signing_in", "attendance"}),
        ("certified", set(rules.BY_KEY)),
        ("announced", set(rules.BY_KEY)),
    ],
)
def test_what_there_is_in_each_state(world, state, there):
    hall = at(world, state)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert {
            each.key for each, missing in meeting_documents.overview(round_).items() if not missing
        } == there
        for key in rules.BY_KEY:
            if key in there:
                assert meeting_documents.of(round_, key, today=TODAY).title
            else:
                with pytest.raises(RuleBroken):
                    meeting_documents.of(round_, key, today=TODAY)
        result = {"results.xlsx", "record.json"} if "sheet" in there else set()
        wanted = {f"{key}.{kind}" for key in there for kind in ("docx", "pdf")} | result
        assert set(meeting_documents.parts(round_)) == wanted


def test_the_figures_are_those_of_the_record(world):
    hall = at(world, "announced", voters=11)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        record = signing.build_record(round_, sealed=True)
        turnout, counts = record["turnout"], record["result"]["counts"]
        files = {}
        for key in meeting_documents.parts(round_):
            files[key] = meeting_documents.make(round_, key, today=TODAY)()

        report = pdf_text(files["report.pdf"])
        assert (
            f"应到代表{turnout['roster']}人，实到{turnout['present']}人。本次投票发出选票{turnout['issued']}张，"
            f"收回{turnout['returned']}张，其中有效票{record['result']['valid']}张，无效票{record['result']['invalid']}张。"
        ) in report
        script = pdf_text(files["script.pdf"])
        assert f"发出选票{turnout['issued']}张，收回{turnout['returned']}张。收回的票少于发出的票" in script
        assert f"共{len(record['result']['selected'])}个项目为民生实事项目" in script

        for key in ("report.docx", "sheet.docx"):
            tables = docx.Document(BytesIO(files[key])).tables
            rows = [[cell.text for cell in row.cells] for row in tables[-1].rows[1:]]
            assert [(int(r[0]), int(r[2]), int(r[3])) for r in rows] == [
                (c["no"], c["for"], c["abstain"]) for c in counts
            ]
        head = proof.verify(round_).certified
        assert head in pdf_text(files["sheet.pdf"])
        assert record["digests"]["ballots"] in pdf_text(files["sheet.pdf"])

        sheet = openpyxl.load_workbook(BytesIO(files["results.xlsx"])).active
        listed = [row for row in sheet.iter_rows(values_only=True) if isinstance(row[0], int)]
        assert [(row[0], row[2]) for row in listed] == [(c["no"], c["for"]) for c in counts]
        assert files["record.json"] == documents.record_bytes(round_)


def test_attendance_is_the_roll_and_the_turnout(world):
    hall = at(world, "counted", voters=9)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        paper = meeting_documents.of(round_, "attendance", today=TODAY)
        rows = next(b for b in paper.blocks if isinstance(b, PaperTable)).rows
        roll = {r.number: r.name for r in db.session.query(RollEntry)}
    assert {row[3]: row[2] for row in rows} == roll
    assert [row[5] for row in rows].count("已投票") == 9
    assert [row[5] for row in rows].count("未投票") == 3
    document = docx.Document(BytesIO(papers.to_docx(paper)))
    assert len(document.tables[0].rows) == 13


def test_the_book_to_sign_names_everybody_in_office(world):
    hall = at(world, "draft")
    with world.work():
        round_ = rounds.get_round(hall["round"])
        text = pdf_text(papers.to_pdf(meeting_documents.of(round_, "signing_in", today=TODAY)))
    assert "第一代表团（12人）" in text
    assert all(f"示例代表{number:03d}" in text for number in range(1, 13))


def test_slips_are_the_box_without_codes_mixed_anew(world):
    hall = at(world, "certified")
    with world.work():
        round_ = rounds.get_round(hall["round"])
        box = tally.box(round_)
        seen = []
        for _ in range(6):
            paper = meeting_documents.of(round_, "slips", today=TODAY)
            seen.append([tuple(r) for r in next(b for b in paper.blocks if isinstance(b, PaperTable)).rows])
    text = str(seen)
    assert not any(ballot.code in text for ballot in box)
    marked = sorted(sorted(ballot.marks) for ballot in box)
    for rows in seen:
        shown = sorted(sorted(int(c[:-1]) for c in row if c.endswith("○")) for row in rows)
        assert shown == marked
    assert len({tuple(rows) for rows in seen}) > 1, "the order is drawn anew"


@pytest.mark.parametrize(("phones", "there"), [(7, True), (8, False), (4, False)])
def test_slips_tell_of_boxes_counted_by_hand_and_never_list_few_phones(world, phones, there):
    """Twelve ballots came back, only those by phone can be listed, and what the list lacks is the papers'."""
    hall = boxes.make_closed(
        world,
        make_hall(world, paper="totals", small_body=5, disclosure="ballots", publish="names+votes"),
        phones,
        12 - phones,
    )
    papers_ = 12 - phones
    counts = {1: {"for": papers_}}
    boxes.enter_totals(world, hall["box"], valid=papers_, invalid=0, counts=counts)
    boxes.confirm(world, hall["box"], on_paper.OTHER)
    on_paper.resume(world, hall)
    on_paper.sign_both(world, hall)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert round_.returned == 12
        if not there:
            with pytest.raises(RuleBroken, match="分别计算）不足 5 张"):
                meeting_documents.of(round_, "slips", today=TODAY)
        text = papers.to_html(meeting_documents.slips(round_))
    assert f"手机票共{phones}张" in text
    assert f"另有纸质票{papers_}张" in text
    assert f"第1号票箱{papers_}张" in text


def test_what_the_presidium_decided_is_in_script_and_report(world):
    hall = make_hall(world, tie="presidium")
    further_rounds.held(world, hall, further_rounds.TIED)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert "尚有1个名额待定" in papers.to_html(meeting_documents.of(round_, "report", today=TODAY))
    further_rounds.decide(world, hall["round"], 4)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        report = papers.to_html(meeting_documents.of(round_, "report", today=TODAY))
        script = papers.to_html(meeting_documents.of(round_, "script", today=TODAY))
    assert "由主席团决定第4项列入" in report
    assert "待定" not in report
    assert "第4项“示例项目04”，共3个项目为民生实事项目" in script


def test_no_paper_before_the_signatures_says_a_number_of_votes(world):
    hall = at(world, "counted", voters=12)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        for key in meeting_documents.parts(round_):
            if key.endswith(".pdf"):
                text = pdf_text(meeting_documents.make(round_, key, today=TODAY)())
                assert "并入选" not in text
                assert "赞成8" not in text
        assert "确定________" in pdf_text(papers.to_pdf(meeting_documents.of(round_, "script", today=TODAY)))


def test_the_list_of_hands_goes_with_the_set_where_something_was_entered(world):
    hall = at(world, "draft")
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert not [file for file in meeting_documents.parts(round_).values() if "举手" in file]
        with pytest.raises(RuleBroken, match="没有这种文书"):
            meeting_documents.make(round_, "motions.pdf", today=TODAY)
        motions.record(
            round_.session, title="票决办法（草案）", roster=12, present=12, votes_for=11, votes_against=0,
            abstentions=1, decided_on=TODAY, by=BY, now=NOW,
        )  # fmt: skip
        files = {file: key for key, file in meeting_documents.parts(round_).items()}
        assert [name for name in files if "举手" in name] == ["13-举手表决结果.docx", "13-举手表决结果.pdf"]
        text = pdf_text(meeting_documents.make(round_, files["13-举手表决结果.pdf"], today=TODAY)())
        assert "票决办法（草案）" in text
        round_.rehearsal = True
        assert not [file for file in meeting_documents.parts(round_).values() if "举手" in file]


@pytest.mark.parametrize("key", ["nothing.pdf", "method.xlsx", "method", "../secret_key.pdf"])
def test_what_is_no_paper_is_not_made(world, key):
    hall = at(world, "draft")
    with world.work(), pytest.raises(RuleBroken, match="没有这种文书"):
        meeting_documents.make(rounds.get_round(hall["round"]), key, today=TODAY)


def test_a_further_round_is_called_one_way_on_papers_and_files(world):
    hall = at(world, "draft")
    with world.work():
        round_ = rounds.get_round(hall["round"])
        round_.ordinal = 2
        found = [
            papers.to_html(meeting_documents.of(round_, key, today=TODAY)) for key in ("script", "sample")
        ]
        assert "（第二轮）" in found[0]
        assert meeting_documents.file_name(round_).endswith("-第二轮.zip")
        assert archive.file_name(round_).endswith("-第二轮.zip")
        assert not any("第2轮" in text for text in found)
        db.session.rollback()
