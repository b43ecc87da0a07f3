"""Fields that several forms share: the choice of a village, a suggestion's texts."""

import pytest

from votes.forms.suggestions.fields import village_choices
from votes.forms.suggestions.public_form import SuggestForm
from votes.models import Village

VILLAGES = [Village(id=1, township="河镇", name="示例村"), Village(id=2, township="", name="滨河社区")]
CLOSED = Village(id=3, township="河镇", name="撤并村")


@pytest.mark.parametrize(("own", "ids"), [(None, [1, 2]), (VILLAGES[0], [1, 2]), (CLOSED, [1, 2, 3])])
def test_village_choices_keep_own_village_out_of_use(own, ids):
    assert [id_ for id_, _ in village_choices(VILLAGES, own)] == ids


def test_suggestion_form_tidies_texts_and_names_faults(app):
    typed = {
        "content": " 请修路。\r\n谢谢 ",
        "place": " 老街  东头 ",
        "name": "张　三",
        "phone": "138 0000 1234",
    }
    with app.test_request_context(method="POST", data=typed):
        form = SuggestForm(VILLAGES)
        assert form.text() == {"title": "", "content": "请修路。\n谢谢", "category": "", "place": "老街 东头"}
        assert (form.author().name, form.author().phone) == ("张三", "13800001234")
    with app.test_request_context(method="POST", data=typed | {"content": "短"}):
        form = SuggestForm(VILLAGES)
        assert not form.validate()
        assert list(form.errors) == ["content"]
