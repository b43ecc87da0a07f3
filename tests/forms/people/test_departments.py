"""The form of a unit."""

from votes.forms.people.departments import DepartmentForm


def test_department_form_values_of_missing_texts_are_empty(one_app):
    with one_app.test_request_context(method="POST", data={"name": "示例县教育局"}):
        form = DepartmentForm()
        assert form.validate()
        assert form.values == {"name": "示例县教育局", "head": "", "contact": ""}


def test_department_form_refuses_long_texts_at_their_fields(one_app):
    typed = {"name": "局" * 61, "head": "王" * 41, "contact": "1" * 61}
    with one_app.test_request_context(method="POST", data=typed):
        form = DepartmentForm()
        assert not form.validate()
        assert set(form.errors) == {"name", "head", "contact"}
