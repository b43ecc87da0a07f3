"""What every page's test asks besides its own questions."""

from collections.abc import Iterator

import pytest

from tests.counting import template_statements


@pytest.fixture(autouse=True)
def quiet_templates(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which a page's template sends a statement: the view loads what its page shows."""
    if "app" not in request.fixturenames:
        yield
        return
    with template_statements(request.getfixturevalue("app")) as sent:
        yield
    assert sent == [], "a template has sent statements"
