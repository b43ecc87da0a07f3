"""Commands: `flask --app app <command>`. They use the same services as the pages."""

import json
from pathlib import Path
from typing import NoReturn

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from votes import migrations
from votes.clock import now
from votes.db import Database
from votes.rules.errors import RuleBroken
from votes.rules.people import Role
from votes.services import audit, people


def database() -> Database:
    found: Database = current_app.extensions["votes.database"]
    return found


def stop(message: str) -> NoReturn:
    raise click.ClickException(message)


def register(app: Flask) -> None:
    for command in (init_db, create_admin, count):
        app.cli.add_command(command)


@click.command("init-db")
@with_appcontext
def init_db() -> None:
    """建立数据库，或升级到最新结构。"""
    migrations.upgrade(database())
    click.echo("数据库已就绪。")


@click.command("create-admin")
@click.argument("username")
@click.option("--name", default="系统管理员", help="姓名")
@with_appcontext
def create_admin(username: str, name: str) -> None:
    """设立系统管理员账号，显示初始密码（首次登录须修改）。"""
    with database().work():
        try:
            user, password = people.create_user(
                username=username, name=name, roles=[Role.SYSADMIN], body_id=None, by=audit.SYSTEM, now=now()
            )
        except RuleBroken as broken:
            stop(broken.message)
    click.echo(f"用户名：{user.username}\n初始密码：{password}")


@click.command("count")
@click.argument("record", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def count(record: Path) -> None:
    """按票决办法计票：读入 RECORD.json，在标准输出打印 result 对象。不需要数据库。"""
    from votes.rules import record as records

    try:
        result = records.recount(json.loads(record.read_text("utf-8")))
    except (ValueError, UnicodeDecodeError) as error:
        stop(f"这不是一个可读的 JSON 文件：{error}")
    except RuleBroken as broken:
        stop(broken.message)
    click.echo(json.dumps(result, ensure_ascii=False, indent=1))
