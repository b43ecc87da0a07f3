"""Seasons: one of a year."""

import pytest

from tests.factories import NOW
from tests.services.suggestions.samples import BY, TODAY, give
from votes.db import db
from votes.rules.errors import RuleBroken
from votes.services.suggestions import seasons


def test_save_season_second_of_year_or_new_year_is_refused(place):
    with place.work():
        season = seasons.of_year(2027)
        values = {"opens_on": TODAY, "closes_on": TODAY, "notice": "", "title": "改名", "by": BY, "now": NOW}
        assert seasons.save_season(season, year=2027, **values).title == "改名"
        give()
        with pytest.raises(RuleBroken, match="已经收到建议"):
            seasons.save_season(season, year=2028, **values)
        with pytest.raises(RuleBroken, match="已经设立"):
            seasons.save_season(None, year=2027, **values)
        db.session.rollback()
