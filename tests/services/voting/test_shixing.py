"""Real input: the twelve-for-ten vote of 始兴县 2021 with 174 voters, down to the recount of its record.

The ten selected names are the published ones; the two that lost are invented (no list of losers was published)
and marked 示例. How the 174 voted is scripted.
"""

import copy
import csv
import json
import random
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests import factories
from tests.factories import NOW
from tests.services.voting.test_vote import BY, KEY, teller_actor
from tests.signing import ready, sign as sign_count
from votes.db import db
from votes.models import Project, Tracking
from votes.rules.codes import new_code
from votes.rules.meeting.rounds import RoundState
from votes.rules.meeting.rule import Rule
from votes.rules.people.roles import TellerRole
from votes.rules.projects.projects import ProjectState
from votes.services.delivery import announcements
from votes.services.meeting import cards, checkin, openings, rounds, sessions, tellers
from votes.services.voting import ballots, closing, documents, tally

ROOT = Path(__file__).parents[3]
LOSERS = ["示例：乡镇文化站修缮", "示例：旅游步道延伸"]
VOTERS = 174


def selected_names() -> list[str]:
    with open(ROOT / "tests/data/selected_lists.csv", encoding="utf-8") as file:
        return [row["project"] for row in csv.DictReader(file) if row["place"] == "始兴县"]


@pytest.fixture(scope="module")
def marks() -> list[dict[int, str]]:
    """174 ballots over twelve candidates: the two losers stand as numbers 5 and 9 and get few votes."""
    dice = random.Random(2021)
    made = []
    for _ in range(VOTERS):
        likely = [n for n in range(1, 13) if n not in (5, 9)]
        chosen = set(dice.sample(likely, dice.randint(7, 9)))
        if dice.random() < 0.35:
            chosen.add(dice.choice([5, 9]))
        made.append(dict.fromkeys(chosen, "for"))
    return made


def run_recount(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "static/recount.py"), str(path)],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_published_ten_are_selected_and_the_record_recounts(app, world, marks, tmp_path):
    names = selected_names()
    assert len(names) == 10
    listed = names[:4] + LOSERS[:1] + names[4:7] + LOSERS[1:] + names[7:]
    with world.work():
        deputies = [
            *factories.make_deputies(VOTERS - 1, world.delegations["county"]),
            db.session.query(factories.Deputy).filter_by(number="900").one(),
        ]
        for number, name in enumerate(listed, start=1):
            factories.make_project(
                name,
                year=2021,
                number=number,
                state=ProjectState.LISTED,
                department_id=world.departments["county"],
                due_on=date(2021, 12, 31),
            )
        meeting = sessions.create_session(
            title="始兴县 2021 年票决（按公开结果重演）",
            year=2021,
            starts_on=date(2021, 1, 15),
            ends_on=date(2021, 1, 15),
            place="",
            by=BY,
            now=NOW,
        )
        sessions.move(meeting, "start", by=BY, now=NOW)
        for deputy, role in zip(deputies, (TellerRole.CHIEF, TellerRole.TELLER), strict=False):
            tellers.name_teller(meeting, deputy.id, role, by=BY, now=NOW)
        ready(meeting)
        assert len(cards.issue_missing(meeting, key=KEY, by=BY, now=NOW)) == VOTERS
        assert checkin.check_in_all(meeting, [d.id for d in deputies], by=BY, now=NOW) == VOTERS
        round_ = rounds.create_round(
            meeting,
            title="2021年民生实事项目票决",
            rule=Rule(seats=10, disclosure="ballots", publish="names+votes"),
            project_ids=[p.id for p in rounds.listed_projects(2021)],
            by=BY,
            now=NOW,
        )
        openings.zero_check(round_, by=teller_actor(deputies[1].id), now=NOW)
        openings.open_round(round_, by=BY, now=NOW)
        round_id, ids = round_.id, [d.id for d in deputies]
    for deputy_id, chosen in zip(ids, marks, strict=True):
        with world.work():
            ballots.cast(round_id, deputy_id, code=new_code(), marks=chosen, now=NOW)
    with world.work():
        closing.close(rounds.get_round(round_id), by=BY, now=NOW)
    for deputy_id in ids[:2]:
        with world.work():
            sign_count(rounds.get_round(round_id), by=teller_actor(deputy_id), now=NOW)
    with world.work():
        round_ = rounds.get_round(round_id)
        assert round_.state == RoundState.CERTIFIED
        result = tally.result_of(round_)
        assert [listed[n - 1] for n in result.selected] == names
        assert (round_.roster, round_.present, round_.issued, round_.returned) == (174, 174, 174, 174)
        announcements.announce(round_, number=1, announced_on=date(2021, 1, 15), by=BY, now=NOW)
        record = json.loads(documents.record_bytes(round_))
    with world.work():
        assert [t.project.name for t in db.session.query(Tracking).order_by(Tracking.id)] == names
        assert sorted(
            p.name for p in db.session.query(Project).filter(Project.state == ProjectState.NOT_SELECTED)
        ) == sorted(LOSERS)

    good, bad = tmp_path / "record.json", tmp_path / "changed.json"
    good.write_bytes(json.dumps(record, ensure_ascii=False).encode())
    answer = run_recount(good)
    assert answer.stdout.strip().splitlines()[-1].startswith("结论：一致"), answer.stdout
    assert answer.returncode == 0

    changed = copy.deepcopy(record)
    ballot = next(b for b in changed["ballots"] if "5" not in b["marks"])
    ballot["marks"]["5"] = ballot["marks"].pop(min(ballot["marks"], key=int))
    bad.write_text(json.dumps(changed, ensure_ascii=False), "utf-8")
    answer = run_recount(bad)
    assert answer.stdout.strip().splitlines()[-1].startswith("结论：不一致"), answer.stdout
    assert answer.returncode == 1

    # the application's own rules, on the file alone
    out = app.test_cli_runner().invoke(args=["count", str(good)])
    assert out.exit_code == 0, out.output
    assert json.loads(out.output) == record["result"]
    out = app.test_cli_runner().invoke(args=["count", str(bad)])
    assert json.loads(out.output) != record["result"]
