"""What citizens ask the public lists for."""

import pytest

from votes.forms.publication.public import Grouping, ProjectQuery


@pytest.mark.parametrize(
    ("query", "finding"),
    [
        ("", ProjectQuery("", None, "")),
        ("q=+甲++乙&year=2027&category=教育", ProjectQuery("甲 乙", 2027, "教育")),
        ("q=%00甲&year=27&category=%00教", ProjectQuery("甲", None, "教")),
        ("year=20270", ProjectQuery("", None, "")),
    ],
)
def test_finding_reads_the_query_and_drops_nonsense(one_app, query, finding):
    with one_app.test_request_context(f"/?{query}"):
        assert ProjectQuery.read() == finding
        assert finding.narrowed == bool(finding.q or finding.year or finding.category)


@pytest.mark.parametrize(
    ("query", "grouping"),
    [
        ("", Grouping(False, None)),
        ("by=place", Grouping(True, None)),
        ("by=place&place=甲镇", Grouping(True, "甲镇")),
        ("place=-", Grouping(False, "")),
        ("place=丙镇", Grouping(False, None)),
    ],
)
def test_grouping_reads_a_township_that_exists(one_app, query, grouping):
    with one_app.test_request_context(f"/?{query}"):
        assert Grouping.read(["甲镇", "乙乡", ""]) == grouping
