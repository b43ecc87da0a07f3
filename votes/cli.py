"""Commands: `flask --app app <command>`. They use the same services as the pages."""

import json
import os
from pathlib import Path
from typing import NoReturn

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from votes import clock, demo as year, migrations
from votes.clock import local, now
from votes.db import scoped
from votes.demo import clock as demo_clock
from votes.exports.formats import sealed
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.accounts import AccountValues
from votes.rules.people.roles import Role
from votes.rules.voting import record_reader
from votes.services import audit
from votes.services.meeting import session_proof
from votes.services.people import accounts, bodies
from votes.services.publication import anchor_parcels, reminders, senders
from votes.services.voting import anchors, proof
from votes.web.transaction import database, release_lock
from votes.web.words.filters import moment
from votes.web.words.labels import label


def stop(message: str) -> NoReturn:
    """End the command with a message for the operator."""
    raise click.ClickException(message)


def upgrade_database() -> None:
    """Bring the database to the newest schema, or stop with the reason."""
    try:
        migrations.upgrade(database())
    except migrations.UnknownRevisionError as error:
        stop(str(error))


def register(app: Flask) -> None:
    """Add the commands to the application."""
    for command in (init_db, create_admin, reset_second_factor, count, verify_chain, archive, demo, remind):
        app.cli.add_command(command)


@click.command("init-db", help="建立数据库，或升级到最新结构。")
@with_appcontext
def init_db() -> None:
    """Create the database, or upgrade it to the newest migration."""
    upgrade_database()
    click.echo("数据库已就绪。")


@click.command("create-admin", help="设立系统管理员账号，显示初始密码（首次登录须修改）。")
@click.argument("username")
@click.option("--name", default="系统管理员", help="姓名")
@with_appcontext
def create_admin(username: str, name: str) -> None:
    """Create an account of a system administrator and print its initial password."""
    with database().work():
        try:
            values = AccountValues(name=name, roles=[Role.SYSADMIN], body_id=None)
            user, password = accounts.create_user(
                username, values, by=audit.SYSTEM, now=now(), release=release_lock
            )
        except RuleBroken as broken:
            stop(broken.message)
    click.echo(f"用户名：{user.username}\n初始密码：{password}")


@click.command(
    "reset-second-factor", help="重置一个账号的两步验证：手机和恢复码都丢失、又没有其他管理人员时使用。"
)
@click.argument("username")
@with_appcontext
def reset_second_factor(username: str) -> None:
    """Remove the second factor of an account; its owner and the tellers see it as any other reset."""
    with database().work():
        user = accounts.find_by_username(username)
        if user is None:
            stop(f"没有用户名为“{username}”的账号。")
        try:
            accounts.reset_second_factor(user, by=audit.SYSTEM, now=now())
        except RuleBroken as broken:
            stop(broken.message)
    click.echo(f"已重置：{user.username}。下次登录只用密码；管理员登录后须重新开通。")


@click.command("count", help="按票决办法计票：读入 RECORD.json，在标准输出打印 result 对象。不需要数据库。")
@click.argument("record", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def count(record: Path) -> None:
    """Count the votes of a record by its rule and print the result; no database is needed."""
    try:
        result = record_reader.recount(json.loads(record.read_text("utf-8")))
    except (ValueError, UnicodeDecodeError) as error:
        stop(f"这不是一个可读的 JSON 文件：{error}")
    except RuleBroken as broken:
        stop(broken.message)
    click.echo(json.dumps(result, ensure_ascii=False, indent=1))


@click.command(
    "verify-chain",
    help="核验票决的过程记录和保存的数据、各级人大的操作日志。ROUNDS 是轮次编号，不写或写 all 为全部；"
    "有不一致时退出码为 1。",
)
@click.argument("rounds", nargs=-1)
@click.option(
    "--expect", "known", multiple=True, metavar="HEAD",
    help="已知的摘要（大屏、计票报告单、监票人手机、时间戳所载），可以只写前 16 位，可以写多个；不在过程记录中的，退出码为 1",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个 JSON 对象，供其他程序使用")
@with_appcontext
def verify_chain(rounds: tuple[str, ...], known: tuple[str, ...], as_json: bool) -> None:
    """Verify the chains and the stored data of rounds, and the audit logs; exit with 1 where something differs."""
    everything = not rounds or "all" in rounds
    with database().work(write=False):
        try:
            ids = list(dict.fromkeys(i for which in rounds or ("all",) for i in proof.find(which)))
            digests = [anchors.plain_digest(each) for each in known]
        except RuleBroken as broken:
            stop(broken.message)
        proofs = [proof.verify_id(round_id) for round_id in ids]
        chains = session_proof.verify_all() if everything else []
        logs = audit.verify() if everything else []
        places = {each: anchors.place_of(each, None if everything else ids) for each in digests}
    parts = [*(p.whole for p in proofs), *(c.whole for c in chains), *(log.whole for log in logs)]
    whole = all([*parts, *places.values()])
    if as_json:
        answer = {
            "whole": whole,
            "rounds": [each.to_dict() for each in proofs],
            "sessions": [each.to_dict() for each in chains],
            "audit": [each.to_dict() for each in logs],
            "expected": places,
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        _echo_rounds(proofs)
        _echo_sessions(chains)
        _echo_logs(logs)
        _echo_places(places)
        wrong = sum(not each.whole for each in proofs)
        click.echo(f"共核验 {len(proofs)} 轮，" + (f"{wrong} 轮不完整。" if wrong else "全部完整。"))
    if not whole:
        raise SystemExit(1)


@click.group("archive", help="加密的封存档案。")
def archive() -> None:
    """Hold the commands about sealed archives."""


@archive.command(
    "open",
    help="用两名监票人的密钥打开加密的封存档案 FILE，得到 zip 文件。不需要数据库，也不联网。",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="存放的文件夹")
def open_archive(file: Path, folder: Path | None) -> None:
    """Open a sealed archive with the words of two shares, which are typed, and write the zip; no database is needed."""
    data = file.read_bytes()
    try:
        name = Path(sealed.head_of(data).get("name", "封存档案.zip")).name
        shares = [_type_share(which) for which in ("第一份", "第二份")]
        content = sealed.open_sealed(data, shares)
    except RuleBroken as broken:
        stop(broken.message)
    path = (folder or file.parent) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        stop(f"{path} 已经存在，没有覆盖。请先移走，或用 --to 另指定文件夹。")
    with os.fdopen(handle, "wb") as out:
        out.write(content)
    click.echo(f"已打开：{path}\n内含全部选票的内容。请按其中“说明.txt”核对，用后妥善封存。")


def _type_share(which: str) -> str:
    """Ask for a share until it can be one."""
    while True:
        typed: str = click.prompt(f"{which}密钥（{sealed.WORDS} 个词，用空格隔开）")
        try:
            return sealed.read_share(typed)
        except RuleBroken as broken:
            click.echo(broken.message)


def _echo_rounds(proofs: list[proof.Proof]) -> None:
    for each in proofs:
        state = label(RoundState(each.state)).word if each.state else "无法读取"
        click.echo(f"{each.round_id}　{each.title}（{state}）：{'完整' if each.whole else '不完整'}")
        for finding in each.findings:
            if finding.state != proof.OK:
                click.echo(f"    {finding.what}：{finding.word}。{finding.message}")
        if each.certified:
            click.echo(f"    结果确认时摘要 {each.certified}")
        if each.head:
            click.echo(f"    末尾摘要 {each.head}")


def _echo_sessions(proofs: list[session_proof.SessionProof]) -> None:
    for each in proofs:
        click.echo(f"会议　{each.title}的凭证记录：{'完整' if each.whole else '不完整。' + each.flaw}")
        if each.head:
            click.echo(f"    末尾摘要 {each.head}")


def _echo_logs(logs: list[audit.AuditProof]) -> None:
    for each in logs:
        click.echo(
            f"操作日志　{each.body}（{each.lines} 条）：{'完整' if each.whole else '不完整。' + each.flaw}"
        )
        if each.head:
            click.echo(f"    末尾摘要 {each.head}")


def _echo_places(places: dict[str, str]) -> None:
    for digest, place in places.items():
        words = f"在过程记录中（{place}）。" if place else (
            "不在过程记录中：摘要抄错，或者过程记录被整条重造、末尾被截去。请与签字的计票报告单对照，封存数据库。"
        )  # fmt: skip
        click.echo(f"已知的摘要 {digest} {words}")


@click.command("demo", help="把演示年度（示例县）装入空的数据库。")
@click.option("--deputies", type=int, default=180, show_default=True, help="县人大代表人数，10 至 3000")
@click.option(
    "--stage",
    type=click.Choice(["draft", "voting", "certified", "midyear", "yearend"]),
    default="midyear",
    show_default=True,
    help="演示进行到哪一步：draft 征集候选，voting 投票中，certified 已公告，midyear 年中，yearend 年末已测评",
)
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个 JSON 对象，供其他程序使用")
@with_appcontext
def demo(deputies: int, stage: str, as_json: bool) -> None:
    """Load the demo year into the empty database."""
    config = current_app.config
    click.echo("正在准备数据库，装入演示年度约需十几秒……", err=True)
    upgrade_database()
    with database().work():
        try:
            loaded = year.load(
                year.Stage(stage),
                deputies=deputies,
                key=config["SECRET_KEY"],
                public_url=config["PUBLIC_URL"],
                now=now(),
            )
        except RuleBroken as broken:
            stop(broken.message)
    if as_json:
        click.echo(json.dumps(loaded.to_dict(), ensure_ascii=False, indent=1))
        return
    click.echo(f"演示年度已装入：示例县，代表 {deputies} 人，{year.WORDS[year.Stage(stage)]}。")
    click.echo(f"系统时间在演示中设为 {moment(year.UNTIL[year.Stage(stage)])}，由此继续走。")
    click.echo(f"地址：{loaded.base_url}")
    if loaded.record_url:
        click.echo(f"票决记录：{loaded.record_url}")
    if loaded.deputies[0]["qr_url"]:
        click.echo(f"代表 {loaded.deputies[0]['name']} 的凭证：{loaded.deputies[0]['qr_url']}")
    click.echo("账号（角色　用户名　密码）：")
    for login in loaded.logins:
        click.echo(f"    {login.word}　{login.username}　{year.PASSWORD}")
    click.echo("如果服务正在运行，请重新启动，使演示时间生效。")


@click.command(
    "remind",
    help="把到期和逾期事项、票决的存证摘要发给各机构设置的机器人和邮箱（存证摘要还有时间戳服务）；"
    "每件事每一档只发一次。有没送达的，退出码为 1。",
)
@click.option("--dry-run", is_flag=True, help="只显示将要发送的内容，不发送")
@with_appcontext
def remind(dry_run: bool) -> None:
    """Send what is due and overdue to the robots and mailboxes of each body, each item once per step."""
    config, failed = current_app.config, 0
    clock.ahead.set(demo_clock.ahead(database()))  # the reminders of a demo are those due on the demo's day
    with database().work(write=False):
        ids = [body.id for body in bodies.all_bodies()]
    for body_id in ids:
        with database().work(write=False), scoped(body_id):
            body = bodies.get_body(body_id)
            assert body is not None
            parcels = anchor_parcels.waiting(body, stamps=bool(config["TSA_URL"]), now=now())
            parcels += reminders.waiting(body, local(now()).date(), public_url=config["PUBLIC_URL"])
        for parcel in parcels:
            recipient = f"{parcel.place}，{senders.CHANNELS[parcel.channel]}，{len(parcel.keys)} 件"
            if dry_run:
                click.echo(f"{recipient}：\n{parcel.words}\n")
                continue
            outcome = reminders.send(database(), parcel, config, now=now())
            failed += outcome.failed
            click.echo(f"{recipient}：{outcome.words}", err=outcome.words != reminders.SENT)
    if failed:
        raise SystemExit(1)
