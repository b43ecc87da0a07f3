"""The sealed archive: every hash, the recount on it, and the whole path with either digest."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile

import pytest
from click.testing import Result

from tests.exports.tools import manifest_faults
from tests.factories import NOW
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, sign
from votes.cli import verify_chain
from votes.db import db
from votes.models import Ballot, Round
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.services.meeting import motions, openings, rounds
from votes.services.voting import archive, proof, signing


def made(world, *, hash_name="sha256", rehearsal=False, until="certified", **rule):
    hall = make_hall(world, **rule)
    with world.work():
        round_ = db.session.get(Round, hall["round"])
        round_.rehearsal = rehearsal
        if hash_name != "sha256":  # as a round is made where the setting says so
            again = rounds.create_round(
                round_.session,
                title="示例票决二",
                rule=rounds.rule_of(round_),
                project_ids=[c.project_id for c in round_.candidates],
                hash_name=hash_name,
                by=BY,
                now=NOW,
            )
            hall["round"] = again.id
            teller = next(t for t in round_.session.tellers)

            openings.zero_check(again, by=Actor(name="监票人", deputy_id=teller.deputy_id), now=NOW)
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {1: "for", 2: "for", 3 if number < 8 else 4: "for"})
    close(world, hall)
    if until == "certified":
        sign(world, hall, 0)
        sign(world, hall, 1)
    return hall


def build(world, hall) -> bytes:
    with world.work():
        return archive.contents(rounds.get_round(hall["round"]))


def unzip(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def recount(folder, *arguments) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "recount.py", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_archive_is_whole_and_counts_to_the_same(world, backend, tmp_path):
    hash_name, disclosure = ("sha256", "codes") if backend == "sqlite" else ("sm3", "none")
    hall = made(world, hash_name=hash_name, disclosure=disclosure, small_body=20)
    whole = build(world, hall)
    files = unzip(whole)
    assert manifest_faults(files) == []

    manifest = json.loads(files["manifest.json"])
    assert manifest["hash"] == hash_name
    for entry in manifest["files"]:
        data = files[entry["name"]]
        assert (len(data), hashlib.new(hash_name, data).hexdigest()) == (entry["size"], entry["digest"])

    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        opened.extractall(tmp_path)
    checked = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"] if hash_name == "sha256" else ["cksum", "-a", "sm3", "-c", "SM3SUMS"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr
    told = recount(tmp_path, "票决记录-完整.json", "--roll", "名册.txt")
    assert told.returncode == 0, told.stdout
    assert told.stdout.rstrip().splitlines()[-1] == "结论：一致"


@pytest.mark.usefixtures("undrawn")
def test_the_archive_holds_all_there_is_and_no_link(world):
    hall = made(world)
    files = unzip(build(world, hall))
    with world.work():
        round_ = rounds.get_round(hall["round"])
        full = json.loads(files["票决记录-完整.json"])
        assert full == json.loads(json.dumps(signing.build_record(round_, sealed=True)))
        assert len(full["ballots"]) == 12
        assert all(ballot["marks"] for ballot in full["ballots"])
        assert json.loads(files["票决记录-公布.json"]) == round_.record
        head = proof.verify(round_).head
    assert json.loads(files["manifest.json"])["chain_head"] == head
    assert head in files["说明.txt"].decode()
    chain = json.loads(files["过程记录.json"])
    close_event = next(e["payload"] for e in chain if e["payload"]["kind"] == "close")
    for fact, name in (
        ("roll_lines", "名册.json"), ("turnout", "投票登记.json"), ("candidates", "候选名单.json"), ("heading", "轮次.json"),
    ):  # fmt: skip
        canonical = json.dumps(
            json.loads(files[name]), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
        assert hashlib.sha256(canonical).hexdigest() == close_event[fact], name
    assert {name for name in files if name.startswith("文书/")} >= {
        f"文书/{name}.{kind}" for name in ("计票报告单", "结果报告单", "公告", "选票清单", "出席和投票情况表")
        for kind in ("docx", "pdf")
    }  # fmt: skip
    # nobody's name stands in a file with marks, no code in a file with names
    codes = [ballot["code"] for ballot in full["ballots"]]
    for name in ("名册.json", "投票登记.json", "过程记录.json", "签字.json"):
        assert not any(code in files[name].decode() for code in codes)
    signers = full.pop("signatures")
    assert [signer["name"] for signer in signers] == ["示例代表001", "示例代表002"], (
        "who signed, and nobody else"
    )
    assert "示例代表" not in json.dumps(full, ensure_ascii=False)


@pytest.mark.usefixtures("undrawn")
def test_the_decisions_by_show_of_hands_are_in_it(world):
    hall = made(world)
    assert not [name for name in unzip(build(world, hall)) if "举手" in name]
    with world.work():
        session = rounds.get_round(hall["round"]).session
        motions.record(
            session, title="票决办法（草案）", roster=12, present=12, votes_for=11, votes_against=0,
            abstentions=1, decided_on=session.starts_on, by=BY, now=NOW,
        )  # fmt: skip
    files = unzip(build(world, hall))
    assert {name for name in files if "举手" in name} == {
        "文书/举手表决结果.docx",
        "文书/举手表决结果.pdf",
    }
    assert manifest_faults(files) == []


@pytest.mark.usefixtures("undrawn")
def test_a_changed_byte_is_found(world):
    files = unzip(build(world, made(world)))
    for name in sorted(files.keys() - {"manifest.json", "SHA256SUMS"}):
        data = bytearray(files[name])
        data[len(data) // 2] ^= 1
        assert manifest_faults({**files, name: bytes(data)}) == [name]
    less = {name: data for name, data in files.items() if name != "名册.json"}
    assert manifest_faults(less) == ["名册.json"]
    assert manifest_faults({**files, "x": b""}) == ["x"]


@pytest.mark.usefixtures("undrawn")
def test_no_archive_before_the_signatures(world):
    hall = made(world, until="counted")
    with pytest.raises(RuleBroken, match="签字确认后才有封存档案"):
        build(world, hall)


# --- the command -------------------------------------------------------------------------------------------


def command(world, *arguments) -> Result:
    return world.app.test_cli_runner().invoke(verify_chain, arguments)


@pytest.mark.usefixtures("undrawn")
def test_the_command_says_that_all_is_whole(world):
    hall = made(world, hash_name="sm3")
    done = command(world)
    assert done.exit_code == 0, done.output
    assert "全部完整" in done.output
    with world.work():
        round_ = rounds.get_round(hall["round"])
        head, public_id = proof.verify(round_).head, round_.public_id
    assert head in done.output
    for which in (str(hall["round"]), public_id, "all"):
        answer = json.loads(command(world, which, "--json").output)
        assert answer["whole"] is True
        assert head in [each["head"] for each in answer["rounds"]]


@pytest.mark.usefixtures("undrawn")
def test_the_command_says_what_is_wrong_and_where(world):
    hall = made(world)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        round_.result = {**round_.result, "valid": 11}
    done = command(world, str(hall["round"]))
    assert done.exit_code == 1
    assert "计票结果：不一致" in done.output
    assert "1 轮不完整" in done.output
    answer = json.loads(command(world, "--json").output)
    wrong = [f["what"] for f in answer["rounds"][0]["findings"] if f["state"] == "wrong"]
    assert (answer["whole"], wrong) == (False, ["计票结果"])


def test_the_command_knows_no_such_round(world):
    done = command(world, "99")
    assert (done.exit_code, "没有编号为 99 的票决轮次" in done.output) == (1, True)


def test_nothing_is_said_of_votes_before_the_signatures(world):
    hall = made(world, until="counted")
    with world.work():
        found = proof.verify(rounds.get_round(hall["round"]))
        assert found.whole
        assert db.session.query(Ballot).count() == 12
    assert not any(str(f.message) for f in found.findings)
