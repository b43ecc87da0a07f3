"""The form of a citizen's rating, and that of what staff do with a comment."""

from votes.forms.supervision.citizen_ratings import HandleForm, RateForm


def test_rate_form_without_grade_names_the_fault_and_keeps_comment(one_app):
    with one_app.test_request_context(method="POST", data={"comment": " 路灯不亮。\r\n请修。 "}):
        form = RateForm()
        assert not form.validate()
        assert list(form.errors) == ["grade"]
        assert form.entry() == {"grade": "", "comment": "路灯不亮。\n请修。"}


def test_handle_form_reads_what_is_not_ticked_as_no(one_app):
    with one_app.test_request_context(method="POST", data={"reply": " 已修好。 ", "published": "y"}):
        assert HandleForm().entry() == {
            "reply": "已修好。", "published": True, "note_to_unit": "", "checked": False,
        }  # fmt: skip
