"""The shares of the archive's key: one to each teller, for the signing secret, once; two open the archive."""

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from tests.exports.tools import manifest_faults
from tests.factories import NOW
from tests.services.voting.test_archive import made, unzip
from tests.services.voting.test_races import overlap
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, sign, teller_actor
from tests.signing import KEY, fetch_share, key_of, set_keys, share_of
from votes.cli import archive as archive_command
from votes.db import db
from votes.exports.formats import sealed
from votes.models import ArchiveShare, AuditEntry, Event, Round, Signature, table_of
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import TellerRole
from votes.services.meeting import events, rounds, sessions, tellers
from votes.services.meeting.signing_secrets import SecretProof
from votes.services.voting import archive, archive_keys, proof

_shares = table_of(ArchiveShare)
PREPARED = {"certified": made}


@pytest.fixture
def certified(prepared):
    return prepared["certified"]


def round_of(hall):
    return rounds.get_round(hall["round"])


def fetch(world, hall, number, *, key=KEY, now=NOW):
    """Be handed the share of the teller at ``number``."""
    with world.work():
        by = teller_actor(hall["deputies"][number])
        return fetch_share(round_of(hall), by=by, now=now, key=key)


def refused(world, hall, number, given=None, *, key=KEY):
    """Return the code with which the share of the deputy at ``number`` is refused."""
    with pytest.raises(RuleBroken) as broken, world.work():
        by = teller_actor(hall["deputies"][number])
        archive_keys.hand_out(round_of(hall), given or SecretProof(), key=key, by=by, now=NOW)
    return broken.value.code or broken.value.status


def archive_of(world, hall):
    """Let a deputy vote and both tellers sign; return the encrypted archive."""
    open_(world, hall)
    cast(world, hall, 0, {1: "for"})
    close(world, hall)
    for number in (0, 1):
        sign(world, hall, number)
    with world.work():
        return archive.build(round_of(hall))


def rows(world):
    with world.work():
        return db.session.execute(select(_shares).order_by(_shares.c.id)).all()


def test_each_teller_is_handed_a_share_once(world, certified):
    assert [(row.deputy_id, row.fetched_at) for row in rows(world)] == [
        (certified["deputies"][0], None),
        (certified["deputies"][1], None),
    ]
    words = fetch(world, certified, 0)
    assert sealed.read_share(words) == words
    first, second = rows(world)
    assert (first.sealed, first.fetched_at, second.fetched_at) == (None, NOW.replace(microsecond=0), None)
    with pytest.raises(RuleBroken, match="只显示一次"):
        fetch(world, certified, 0)
    with world.work():
        round_ = round_of(certified)
        told = [event.payload for event in events.events(round_) if event.kind == "share"]
        assert [(each["deputy"], each["name"]) for each in told] == [
            (certified["deputies"][0], "示例代表001")
        ]
        assert not any(words in str(payload) for payload in db.session.scalars(select(Event.payload)))
        lines = list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "archive.share")))
        assert len(lines) == 1
        assert proof.verify(round_).whole


def test_two_tellers_together_open_the_archive(world, certified):
    with world.work():
        file, plain = archive.build(round_of(certified)), archive.contents(round_of(certified))
    assert "手机".encode() not in file
    shares = [fetch(world, certified, number) for number in (0, 1)]
    content = sealed.open_sealed(file, shares)
    assert manifest_faults(unzip(content)) == []
    assert unzip(content).keys() == unzip(plain).keys()


def test_one_teller_alone_cannot_open_the_archive(world, certified):
    with world.work():
        file = archive.build(round_of(certified))
    share = fetch(world, certified, 0)
    for alone in ([share], [share, share]):
        with pytest.raises(RuleBroken, match="两名监票人"):
            sealed.open_sealed(file, alone)


def test_office_with_the_cards_of_all_tellers_is_handed_no_share(world, certified):
    """The sign-in alone, a key of one's own, and tellers named anew with secrets of the office: none of it does."""
    assert [refused(world, certified, number) for number in (0, 1)] == ["wrong_secret"] * 2
    with world.work():
        stranger = key_of(round_of(certified).session.tellers[0]).sign(b"something else")
    assert refused(world, certified, 0, stranger) == "wrong_secret"
    with world.work():
        session = sessions.get(certified["session"])
        for teller in list(session.tellers):
            tellers.remove_teller(session, teller.id, by=BY, now=NOW)
    with world.work():
        session = sessions.get(certified["session"])
        for number, role in ((0, TellerRole.CHIEF), (1, TellerRole.TELLER)):
            tellers.name_teller(session, certified["deputies"][number], role, by=BY, now=NOW)
        tellers.approve(session, on=NOW.date(), how="举手", by=BY, now=NOW, today=NOW.date())
        set_keys(session)
    for number in (0, 1):
        with pytest.raises(RuleBroken, match="不是结果确认时的那一把"):
            fetch(world, certified, number)
    assert all(row.sealed for row in rows(world))


def test_share_of_one_teller_is_not_handed_to_another(world, certified):
    assert refused(world, certified, 5) == 403
    with world.work():
        other = key_of(round_of(certified).session.tellers[1])
        share = share_of(round_of(certified), teller_actor(certified["deputies"][0]))
        given = other.sign(archive_keys.request(round_of(certified), share))
    assert refused(world, certified, 0, given) == "wrong_secret"


def test_signature_under_the_count_does_not_fetch_a_share(world, certified):
    """What a teller signed for all to read is no proof for the share."""
    with world.work():
        signature = db.session.scalars(select(Signature).order_by(Signature.id)).first().signature
    assert refused(world, certified, 0, SecretProof(signature=signature)) == "wrong_secret"


def test_database_holds_no_share_in_the_clear(world, certified):
    waiting = [bytes(row.sealed) for row in rows(world)]
    words = [fetch(world, certified, number) for number in (0, 1)]
    for share in words:
        for stored in waiting:
            assert not any(part.encode() in stored for part in (share, *share.split()[4:]) if len(part) > 5)
    assert [row.sealed for row in rows(world)] == [None, None]


def test_database_without_the_servers_key_opens_no_share(world, certified):
    with pytest.raises(RuleBroken, match="SECRET_KEY"):
        fetch(world, certified, 0, key="another key")
    assert rows(world)[0].sealed


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE archive_shares SET sealed = 'x', fetched_at = NULL WHERE fetched_at IS NOT NULL",
        "UPDATE archive_shares SET deputy_id = deputy_id + 1",
        "UPDATE archive_shares SET fetched_at = '2027-01-15 00:00:00' WHERE fetched_at IS NULL",
        "DELETE FROM archive_shares",
    ],
)
def test_database_refuses_to_hand_a_share_out_again(world, certified, change):
    fetch(world, certified, 0)
    with pytest.raises(DBAPIError), world.work():
        db.session.execute(text(change))


def test_teller_fetching_twice_at_the_same_instant_is_handed_one_share(world, certified):
    words = []

    def act():
        words.append(fetch_share(round_of(certified), by=teller_actor(certified["deputies"][0]), now=NOW))

    told = overlap(world, act, act)
    assert (told[0], "只显示一次" in told[1], len(words)) == ("done", True, 1)


def test_two_tellers_fetching_at_the_same_instant_are_both_handed_theirs(world, certified):
    def act(number):
        return lambda: fetch_share(
            round_of(certified), by=teller_actor(certified["deputies"][number]), now=NOW
        )

    assert overlap(world, act(0), act(1)) == ("done", "done")
    with world.work():
        assert proof.verify(round_of(certified)).whole


def test_rehearsal_hands_shares_to_tellers_without_a_secret(world):
    hall = make_hall(world, secrets=False)
    with world.work():
        round_of(hall).rehearsal = True
    file = archive_of(world, hall)
    assert sealed.open_sealed(file, [fetch(world, hall, number) for number in (0, 1)])


def test_teller_who_refused_to_sign_holds_a_share_too(world):
    hall = make_hall(world, named=3)
    file = archive_of(world, hall)
    assert [row.name for row in rows(world)] == ["示例代表001", "示例代表002", "示例代表003"]
    assert sealed.open_sealed(file, [fetch(world, hall, 2), fetch(world, hall, 1)])


def test_round_certified_by_an_earlier_version_has_no_archive_to_download(world, certified):
    with world.work():
        db.session.execute(update(Round).values(archive_key=None))
    with world.work(), pytest.raises(RuleBroken, match="较早的版本"):
        archive.build(round_of(certified))


# --- the command -------------------------------------------------------------------------------------------


def opened(world, path, *shares):
    typed = "".join(f"{share}\n" for share in shares)
    return world.app.test_cli_runner().invoke(archive_command, ["open", str(path)], input=typed)


@pytest.fixture
def file(world, certified, tmp_path):
    path = tmp_path / "封存档案.zip.sealed"
    with world.work():
        path.write_bytes(archive.build(round_of(certified)))
    return path


def test_command_opens_the_archive_with_two_shares(world, certified, file):
    shares = [fetch(world, certified, number) for number in (0, 1)]
    wrong = shares[0].replace(shares[0].split()[5], "akademic", 1)
    told = opened(world, file, wrong, *shares)
    assert told.exit_code == 0, told.output
    assert "第 6 个词“akademic”不在词表中" in told.output
    (plain,) = file.parent.glob("*.zip")
    assert plain.stat().st_mode & 0o777 == 0o600
    assert manifest_faults(unzip(plain.read_bytes())) == []
    again = opened(world, file, *shares)
    assert (again.exit_code, "没有覆盖" in again.output) == (1, True)


def test_command_opens_nothing_with_one_share(world, certified, file):
    share = fetch(world, certified, 0)
    told = opened(world, file, share, share)
    assert (told.exit_code, "两名监票人" in told.output) == (1, True)
    assert list(file.parent.glob("*.zip")) == []


def test_command_refuses_a_file_that_is_no_archive(world, tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\x03\x04")
    told = opened(world, path)
    assert (told.exit_code, "这不是加密的封存档案" in told.output) == (1, True)
