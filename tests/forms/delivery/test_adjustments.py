"""The forms of an adjustment: application, decision, announcement."""

from datetime import date
from decimal import Decimal

from votes.forms.delivery.adjustments import AdjustmentDecisionForm, AdjustmentForm, NoticeForm
from votes.rules.delivery.adjustments import AdjustmentCause, AdjustmentKind

STANDS = {
    "target": "完工", "content": "十公里", "due_on": date(2027, 12, 20), "total_investment": Decimal("860.00"),
    "year_investment": None,
}  # fmt: skip
DECIDERS = {AdjustmentKind.MAJOR: "示例县人民代表大会常务委员会"}


def test_adjustment_form_starts_from_what_stands(app):
    with app.test_request_context():
        form = AdjustmentForm(STANDS, DECIDERS)
        assert form.kind.choices == [("major", "重大调整（由示例县人民代表大会常务委员会决定）")]
        assert {name: form[name].data for name in STANDS} == STANDS


def test_adjustment_form_returns_tidy_values_by_field(app):
    typed = {
        "kind": "major", "cause": "policy", "reason": " 标准调整，须加宽。 ", "target": "完成主体。\r\n",
        "content": "十公里", "due_on": "2028-03-31", "total_investment": "900", "year_investment": "",
    }  # fmt: skip
    with app.test_request_context(method="POST", data=typed):
        form = AdjustmentForm(STANDS, DECIDERS)
        assert form.validate(), form.errors
        assert form.values() == {
            "kind": AdjustmentKind.MAJOR,
            "cause": AdjustmentCause.POLICY,
            "reason": "标准调整，须加宽。",
            "values": {
                "target": "完成主体。", "content": "十公里", "due_on": date(2028, 3, 31),
                "total_investment": Decimal("900.00"), "year_investment": None,
            },
        }  # fmt: skip


def test_decision_form_returns_whether_it_was_approved(app):
    typed = {
        "organ": "常委会", "document_number": "8号", "decided_on": "2027-09-15", "opinion": "", "approved": "no"
    }  # fmt: skip
    with app.test_request_context(method="POST", data=typed):
        form = AdjustmentDecisionForm()
        assert form.validate(), form.errors
        assert form.entry() == {
            "approved": False, "organ": "常委会", "document_number": "8号", "decided_on": date(2027, 9, 15),
            "opinion": "",
        }  # fmt: skip


def test_notice_form_without_words_is_refused(app):
    with app.test_request_context(method="POST", data={"notice": " ", "announced_on": "2027-09-20"}):
        form = NoticeForm()
        assert not form.validate()
        assert form.errors == {"notice": ["请填写公告内容"]}
