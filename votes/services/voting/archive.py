"""封存档案: everything of a certified round as one zip with a manifest of hashes, sealed to the tellers.

The file is encrypted; it takes the shares of two tellers to open it (`archive_keys`). It holds the ballots with their marks, but neither the order of voting nor who cast which ballot.
"""

import json
from typing import Any

from votes.clock import local
from votes.config import ROOT
from votes.exports.formats import bundle, sealed
from votes.exports.formats.layout import to_docx, to_pdf
from votes.exports.formats.official import algorithm
from votes.models import Round
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import shows_counts
from votes.rules.voting import meeting_documents as rules, record as records
from votes.services import audit
from votes.services.meeting import events as chain, rounds
from votes.services.voting import digests, meeting_documents, register, signing, tally

FORMAT = "minsheng-vote-archive/1"
README = "说明.txt"
#: Documents in the archive. What is only for the hall (票样, 签到册 to be signed) is not among them.
DOCUMENTS = ("method", "points", "script", "attendance", "sheet", "report", "announcement", "slips")


def file_name(round_: Round) -> str:
    """Return the name of the archive once it is open."""
    return meeting_documents.file_name(round_, "封存档案")


def sealed_name(round_: Round) -> str:
    """Return the name of the encrypted file."""
    return f"{file_name(round_)}.sealed"


def build(round_: Round) -> bytes:
    """Return the archive, encrypted. Raises RuleBroken before the tellers have signed, and without a key to seal with."""
    if shows_counts(round_.state) and round_.archive_key is None:
        words = "本轮由较早的版本确认，没有分给监票人的封存密钥，不能下载封存档案。"
        raise RuleBroken(words, code="no_key")
    facts = {"round": round_.public_id, "title": round_.title, "body": round_.session.body.name}
    facts |= {"name": file_name(round_), "opens": f"flask --app app archive open {sealed_name(round_)}"}
    return sealed.seal(contents(round_), round_.archive_key or "", **facts)


def contents(round_: Round) -> bytes:
    """Return the archive as a zip: for `build`, which encrypts it. Raises RuleBroken before the tellers have signed."""
    if not shows_counts(round_.state) or round_.record is None or round_.certified_at is None:
        raise RuleBroken("总监票人和监票人签字确认后才有封存档案。", status=403)
    events = chain.events(round_)
    files: dict[str, bytes] = {
        "票决记录-完整.json": records.to_bytes(signing.build_record(round_, sealed=True)),
        "票决记录-公布.json": records.to_bytes(round_.record),
        "票决办法.json": _json(round_.rule),
        "名册.json": _json(digests.roll_lines(round_)),
        "名册.txt": "".join(f"{number}\n" for number in register.entitled(round_.id)).encode(),
        "投票登记.json": _json(digests.turnout_lines(round_)),
        "候选名单.json": _json(digests.candidate_lines(round_)),
        "轮次.json": _json(digests.heading(round_)),
        "过程记录.json": _json([audit.facts(event, "payload", "previous", "hash") for event in events]),
        "签字.json": _json(_signatures(round_)),
        "recount.py": (ROOT / "static" / "recount.py").read_bytes(),
    }
    paper = digests.paper_lines(round_)
    if any(paper.values()):
        files["纸质票.json"] = _json(paper)
    files |= _documents(round_)
    files[README] = _readme(round_, events[-1].hash).encode()
    facts = {"format": FORMAT, "round": round_.public_id, "chain_head": events[-1].hash}
    return meeting_documents.pack(round_, files, file_name(round_), **facts)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _signatures(round_: Round) -> list[dict[str, Any]]:
    return [
        audit.plain(
            {"name": s.name, "role": s.role, "result": s.result_digest, "at": s.signed_at}
            | signing.secret_facts(s)
        )
        for s in round_.signatures
    ]


def _documents(round_: Round) -> dict[str, bytes]:
    """Return the documents as of the day of certification; a small round's slips are here and nowhere else."""
    assert round_.certified_at is not None
    day = local(round_.certified_at).date()
    papers = {
        rules.BY_KEY[key].name: (
            meeting_documents.slips(round_)
            if key == "slips"
            else meeting_documents.of(round_, key, today=day)
        )
        for key in DOCUMENTS
    }
    if hands := meeting_documents.hands(round_):
        papers["举手表决结果"] = hands
    files = {}
    for name, paper in papers.items():
        files[f"文书/{name}.docx"] = to_docx(paper)
        files[f"文书/{name}.pdf"] = to_pdf(paper)
    return files


def _readme(round_: Round, head: str) -> str:
    name = algorithm(round_.hash_name)
    sums = bundle.SUMS[round_.hash_name]
    tool = "sha256sum -c" if round_.hash_name == "sha256" else "cksum -a sm3 -c"
    return f"""封存档案：{round_.session.body.name}{round_.session.title}　{round_.title}{"（演练，不具效力）" if round_.rehearsal else ""}

一、里面有什么
  票决记录-完整.json  全部选票的内容（不含任何代表姓名），票决办法、人数、候选名单、结果
  票决记录-公布.json  按票决办法公布的那一份，与公开页面下载的逐字节相同
  票决办法.json  名册.json  投票登记.json  候选名单.json  轮次.json  签字.json{"  纸质票.json" if round_.rule.get("paper", "none") != "none" else ""}
  过程记录.json       开启、关闭、计票、签字等，逐条相接
  文书/               计票报告单、结果报告单、公告、出席和投票情况表、选票清单等
  recount.py          独立的核对程序，只需 Python 3.9 以上，不联网
  {bundle.MANIFEST}、{sums}   每个文件的大小和摘要（{name}）

二、怎样核对
  1. 文件没有改动：在解压后的文件夹中执行
         {tool} {sums}
     每一行都应为“OK”或“成功”。
  2. 重新计票：
         python3 recount.py 票决记录-完整.json --roll 名册.txt
     应显示“一致”。
  3. 与当场的一致：recount.py 末尾列出的摘要，应与监票人签名的计票报告单、会场大屏上的相同。
     过程记录末尾的摘要：{head}
  4. 过程记录：每条的 hash 等于 {{"previous":…,"payload":…}} 的 {name} 摘要（键按字母排序，不加空格，UTF-8），
     previous 等于前一条的 hash。“close”一条中的 roll_lines、turnout、candidates、heading 依次是
     名册.json、投票登记.json、候选名单.json、轮次.json 内容的摘要（写法同上）。

三、保管
  本档案含全部选票的内容，平时只保存加密的文件，依法查阅时由两名监票人各用自己的密钥打开。
  打开后不要公布，不要放在联网的机器上，用后删除。
{_apart(round_)}
"""


def _apart(round_: Round) -> str:
    """Return what the archive tells of who cast which ballot.

    Its full record has phone or paper of each ballot, its register who held paper: with few papers, or few phones,
    that is nearly a name.
    """
    shares = tally.shares(round_)
    if shares is None or shares[0].result is not None:
        return "  档案中没有任何一处能说明某张选票是谁投的，也没有投票的先后。"
    return (
        "  档案中没有投票的先后，选票上没有代表姓名。但本轮手机票、纸质票有一种不足"
        f" {rounds.rule_of(round_).small_body} 张：\n"
        "  票决记录-完整.json、纸质票.json 写明选票是手机票还是纸质票，投票登记.json 写明谁用纸质票，两相对照，\n"
        "  可以推知少数代表的意见。计票报告单因此不分列。务必密封，查阅须经批准。"
    )
