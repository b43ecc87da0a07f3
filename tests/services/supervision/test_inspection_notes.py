"""Notes: what they may be about, and what becomes of them."""

from datetime import timedelta

import pytest

from tests.supervision import DAY, NOW, OFFICE, deputy, issue, lines, supervise, write_note
from tests.years import picture
from votes.db import everything
from votes.rules.errors import RuleBroken
from votes.services import uploads
from votes.services.supervision import inspection_notes, overview

PREPARED = {"watched": supervise}


def test_write_note_about_project_or_inspection_links_it(world, watched):
    photos = uploads.prepare_photos([picture(), picture("red")])
    with world.work():
        note = write_note(watched, about=f"i{watched['visit']}", photos=photos)
        assert (note.tracking_id, note.inspection_id, len(note.photos)) == (
            watched["tracking"],
            watched["visit"],
            2,
        )
        assert inspection_notes.state_of(note) == "open"
        assert "盖板" not in str(lines("note.create")[0].after), "what was written stands in no log"
        keys = [each.key for each in inspection_notes.to_note(watched["deputies"][0], DAY)]
        assert keys == [f"i{watched['visit']}", f"t{watched['tracking']}"]
        keys = [
            each.key for each in inspection_notes.to_note(watched["deputies"][4], DAY + timedelta(days=60))
        ]
        assert keys == [f"t{watched['tracking']}"], "also about what is not one's own"


@pytest.mark.parametrize("about", ["", "t0", "i9999", "x1", "t１"])
def test_write_note_about_nothing_is_refused(world, watched, about):
    with world.work(), pytest.raises(RuleBroken) as caught:
        inspection_notes.write(about, text="看到了。", place="", finding=True, by=deputy(watched), now=NOW)
    assert caught.value.field == "about"


def test_finding_is_settled_in_words_or_by_rectification(world, watched):
    with world.work():
        first, second, plain = write_note(watched), write_note(watched), write_note(watched, finding=False)
        query = inspection_notes.search({"year": 2027})
        assert {n.id for n in everything(query)[:2]} == {first.id, second.id}, "open ones first"
        inspection_notes.settle(first, "当场整改。", by=OFFICE, now=NOW)
        row = issue(watched, second)
        states = [inspection_notes.state_of(inspection_notes.get(n.id)) for n in (first, second, plain)]
        assert states == ["settled", "routed", "plain"]
        assert overview.counts(DAY).findings == 0
        for note in (second, plain):
            with pytest.raises(RuleBroken):
                inspection_notes.settle(inspection_notes.get(note.id), "已处理。", by=OFFICE, now=NOW)
        with pytest.raises(RuleBroken, match="已经转为督办件"):
            issue(watched, inspection_notes.get(second.id))
        assert row.note_id == second.id
