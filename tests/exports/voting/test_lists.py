"""Lists: 签到册, 出席和投票情况表, 选票清单."""

from tests.exports.tools import pdf_text
from tests.exports.voting.test_meeting_documents import ALL, DAY, SLIPS, table, texts, words_of_docx
from votes.exports.formats.layout import Break, Table, to_pdf
from votes.exports.voting import lists
from votes.rules.voting.ballots import Source


def test_each_delegation_signs_on_a_page_of_its_own():
    paper = ALL["signing_in"]
    tables = [b for b in paper.blocks if isinstance(b, Table)]
    assert [t.caption for t in tables] == ["第一代表团（2人）", "第二代表团（1人）"]
    assert sum(isinstance(b, Break) for b in paper.blocks) == 1
    assert to_pdf(paper).count(b"/Type /Page\n") >= 2 or pdf_text(to_pdf(paper)).count("—2—") == 1


def test_attendance_says_whether_and_never_how():
    paper = ALL["attendance"]
    assert texts(paper)[0] == "应到3人，实到2人，投票1人，未投票1人，未出席1人。"
    assert [row[4:] for row in table(paper).rows] == [["出席", "已投票"], ["补签", "未投票"], ["未出席", "—"]]
    assert "手机" not in words_of_docx(paper)
    assert "纸质" not in words_of_docx(paper)


def test_a_slip_shows_each_number_with_its_mark():
    rows = table(ALL["slips"]).rows
    assert rows == [["1○", "2　", "3○", ""], ["1　", "2　", "3　", "空白"], ["1　", "2　", "3　", "废票"]]


def test_slips_say_where_they_come_from_only_when_told():
    paper = lists.slips(
        DAY, [lists.BallotSlip({1: "for"}, source=Source.PHONE), lists.BallotSlip({}, source=Source.PAPER)]
    )
    assert table(paper).heads[-2:] == ["来源", "备注"]
    assert [row[-2] for row in table(paper).rows] == ["手机", "纸质"]
    assert "来源" not in table(ALL["slips"]).heads


def test_slips_say_what_boxes_counted_by_hand_are_not_on_them():
    whole = "".join(texts(lists.slips(DAY, SLIPS, by_hand=[(1, 10), (2, 4)])))
    assert whole.startswith("手机票共3张")
    assert "另有纸质票14张" in whole
    assert "第1号票箱10张，第2号票箱4张。全部选票合计17张" in whole
    assert "纸质票" not in "".join(texts(ALL["slips"]))
