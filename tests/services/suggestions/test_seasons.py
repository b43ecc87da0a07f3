"""Seasons: one of a year."""

from dataclasses import replace

import pytest

from tests.factories import NOW
from tests.services.suggestions.samples import BY, TODAY, give
from votes.db import db
from votes.rules.errors import RuleBroken
from votes.rules.suggestions.suggestions import SeasonText
from votes.services.suggestions import seasons


def test_save_season_second_of_year_or_new_year_is_refused(place):
    with place.work():
        season = seasons.of_year(2027)
        text = SeasonText(year=2027, title="改名", opens_on=TODAY, closes_on=TODAY)
        assert seasons.save_season(season, text, by=BY, now=NOW).title == "改名"
        give()
        with pytest.raises(RuleBroken, match="已经收到建议"):
            seasons.save_season(season, replace(text, year=2028), by=BY, now=NOW)
        with pytest.raises(RuleBroken, match="已经设立"):
            seasons.save_season(None, text, by=BY, now=NOW)
        db.session.rollback()
