"""The form of an acceptance: a row for each dimension, the kinds that an account may record."""

from datetime import date

from votes.forms.delivery.acceptances import AcceptanceForm
from votes.models import Acceptance, AcceptanceItem
from votes.rules.delivery.acceptances import AcceptanceKind, Conclusion, Findings, Item, Mark

TYPED = {
    "kind": "works", "held_on": "2027-08-01", "held_by": " 验收组 ", "conclusion": "conditional",
    "opinion": "补齐后通过。", "items-0-mark": "met", "items-1-mark": "partly", "items-1-note": "尾款\r\n待补。",
}  # fmt: skip


def test_acceptance_form_returns_findings_by_dimension(app):
    with app.test_request_context(method="POST", data=TYPED):
        form = AcceptanceForm(["工程质量", "资金"], [AcceptanceKind.WORKS])
        assert form.validate(), form.errors
        assert form.values() == {
            "kind": AcceptanceKind.WORKS,
            "findings": Findings(
                date(2027, 8, 1), "验收组", Conclusion.CONDITIONAL, "补齐后通过。",
                [Item("工程质量", Mark.MET), Item("资金", Mark.PARTLY, "尾款\n待补。")],
            ),
            "caption": "",
            "photos": [],
        }  # fmt: skip


def test_acceptance_form_with_missing_rows_is_refused(app):
    with app.test_request_context(method="POST", data=TYPED):
        form = AcceptanceForm(["工程质量", "资金", "进度"], [AcceptanceKind.WORKS])
        assert not form.validate()
        assert form.refusal == "验收内容与设置不符，没有保存。请刷新页面后重新填写。"


def test_acceptance_form_of_one_kind_chooses_it(app):
    with app.test_request_context():
        form = AcceptanceForm(["工程质量"], [AcceptanceKind.DEPUTIES])
        assert (form.kind.choices, form.kind.data) == ([("deputies", "人大验收")], "deputies")
        assert form.submit.label.text == "登记验收"


def test_acceptance_form_of_a_correction_starts_from_it_and_keeps_the_kind(app):
    acceptance = Acceptance(
        kind=AcceptanceKind.WORKS, held_on=date(2027, 8, 1), held_by="验收组", conclusion=Conclusion.PASSED,
        opinion="", items=[AcceptanceItem(dimension="工程质量", mark=Mark.MET, note="")],
    )  # fmt: skip
    with app.test_request_context():
        form = AcceptanceForm([], acceptance=acceptance)
        assert "kind" not in form
        assert (form.dimensions, form.held_by.data, form.items[0].form.mark.data) == (
            ["工程质量"],
            "验收组",
            "met",
        )
        assert form.submit.label.text == "保存更正"
