"""Suggestions: the list, refusing, restoring, classifying."""

import pytest

from tests.factories import NOW, make_deputies
from tests.services.suggestions.samples import BY, give
from votes.db import db, everything
from votes.rules.codes import grouped
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import DeputyState
from votes.rules.suggestions.suggestions import Channel, SuggestionState
from votes.services.people import stations, villages as people_villages
from votes.services.suggestions import authors, suggestions


def test_search_narrows_and_counts_suggestions(place):
    with place.work():
        station = stations.all_stations()[0]
        villages = people_villages.all_villages()
        deputy = make_deputies(1, place.delegations["county"])[0]
        one = give("村口的路坏了。", category="交通出行", village_id=villages[0].id)
        two = give(
            "想建一座桥。",
            channel=Channel.STATION,
            station_id=station.id,
            village_id=villages[1].id,
            place="示例沟",
        )
        three = give("学校操场不平。", channel=Channel.DEPUTY, deputy_id=deputy.id, category="教育")
        suggestions.refuse(three, "重复。", by=BY, now=NOW)

        def numbers(**chosen):
            return [each.number for each in everything(suggestions.search(chosen))]

        for chosen, expected in (
            ({}, {1, 2, 3}),
            ({"year": 2026}, set()),
            ({"state": SuggestionState.REFUSED}, {3}),
            ({"channel": Channel.STATION}, {2}),
            ({"category": "教育"}, {3}),
            ({"township": "山乡"}, {2}),
            ({"village_id": villages[0].id}, {1}),
            ({"station_id": station.id}, {2}),
            ({"deputy_id": deputy.id}, {3}),
            ({"q": "示例沟 桥"}, {2}),
            ({"q": "示例沟 路"}, set()),
            ({"q": "3"}, {3}),
            ({"q": grouped(one.code).replace(" ", "").lower()}, {1}),
            ({"q": "%"}, set()),
        ):
            assert (chosen, sorted(numbers(**chosen))) == (chosen, sorted(expected))
        counts = suggestions.counts(2027)
        assert (counts.total, counts.channels) == (3, {Channel.WEB: 1, Channel.STATION: 1, Channel.DEPUTY: 1})
        assert dict(counts.categories) == {"交通出行": 1, "教育": 1, "未分类": 1}
        assert (counts.stations, counts.townships) == ([("示例联络站", 1)], [("山乡", 1), ("河镇", 1)])
        assert two.title == "想建一座桥"


def test_refuse_needs_reason_and_restore_undoes_it(place):
    with place.work():
        suggestion = give()
        with pytest.raises(RuleBroken, match="请写明"):
            suggestions.refuse(suggestion, " ", by=BY, now=NOW)
        suggestions.refuse(suggestion, "与民生实事无关。", by=BY, now=NOW)
        assert (suggestion.state, suggestion.refusal, authors.answered(suggestion)) == (
            SuggestionState.REFUSED, "与民生实事无关。", True,
        )  # fmt: skip
        with pytest.raises(RuleBroken, match="当前状态"):
            suggestions.refuse(suggestion, "再一次。", by=BY, now=NOW)
        authors.satisfy(suggestion, "dissatisfied", now=NOW)
        suggestions.restore(suggestion, by=BY, now=NOW)
        assert (suggestion.state, suggestion.refusal, suggestion.satisfaction) == (
            SuggestionState.RECEIVED,
            "",
            None,
        )
        with pytest.raises(RuleBroken, match="还没有答复"):
            authors.satisfy(suggestion, "satisfied", now=NOW)


def test_classify_keeps_the_text(place):
    with place.work():
        suggestion = give()
        village = people_villages.all_villages()[1]
        suggestions.classify(suggestion, category="交通出行", village_id=village.id, by=BY, now=NOW)
        assert (suggestion.category, suggestion.village.full_name, suggestion.content) == (
            "交通出行",
            "山乡示例村",
            "请修村口的路。",
        )
        with pytest.raises(RuleBroken):
            suggestions.classify(suggestion, category="军事", village_id=None, by=BY, now=NOW)


def test_deputy_by_key_ignores_deputy_who_left(place):
    with place.work():
        deputy = make_deputies(1, place.delegations["county"])[0]
        deputy.page_key = "k" * 22
        db.session.flush()
        assert suggestions.deputy_by_key("k" * 22) is deputy
        deputy.state = DeputyState.ENDED
        db.session.flush()
        assert suggestions.deputy_by_key("k" * 22) is None
