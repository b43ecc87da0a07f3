"""Ids in URLs."""

import pytest
from werkzeug.exceptions import NotFound

from votes.web.converters import LARGEST

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize("project_id", [1, LARGEST])
def test_id_that_a_column_holds_matches(app, project_id):
    endpoint, arguments = app.url_map.bind("").match(f"/office/projects/{project_id}")
    assert (endpoint, arguments) == ("projects.show", {"project_id": project_id})


@pytest.mark.parametrize("text", [str(LARGEST + 1), "9" * 40, "-1", "x"])
def test_id_that_no_column_holds_is_not_found(app, text):
    with pytest.raises(NotFound):
        app.url_map.bind("").match(f"/office/projects/{text}")
