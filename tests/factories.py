"""Rows for tests, made through the same services as the pages wherever a rule is at stake."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from flask import Flask
from sqlalchemy import update

from votes.db import EVERY_BODY, Database, db, scoped
from votes.models import Body, Delegation, Department, Deputy, Project, User, UserRole
from votes.rules.people.actor import Actor
from votes.rules.people.roles import BodyKind, Role
from votes.rules.projects.projects import ProjectState
from votes.services import audit
from votes.services.people import accounts, bodies, identity, passwords

NOW = datetime(2027, 1, 15, 1, 0, tzinfo=UTC)  # nine in the morning in China
PASSWORD = "Right-horse7"


@cache
def password_hash() -> str:
    return passwords.hash_password(PASSWORD)


@dataclass
class World:
    """The ids of the rows that `make_world` makes: `world.county`, `world.user("office")` and so on."""

    app: Flask
    database: Database
    bodies: dict[str, int] = field(default_factory=dict)
    users: dict[tuple[str, str], int] = field(default_factory=dict)
    departments: dict[str, int] = field(default_factory=dict)
    delegations: dict[str, int] = field(default_factory=dict)

    def on(self, app: Flask, database: Database) -> "World":
        """Return the same world in a copy of its database."""
        return World(app, database, **self.ids)

    @property
    def ids(self) -> dict[str, Any]:
        """Return all ids, without the application and the database."""
        return {
            f.name: dict(getattr(self, f.name)) for f in fields(self) if f.name not in ("app", "database")
        }

    @property
    def county(self) -> int:
        return self.bodies["county"]

    @property
    def other(self) -> int:
        return self.bodies["other"]

    @property
    def township(self) -> int:
        return self.bodies["township"]

    def user(self, role: str, body: str = "county") -> int:
        return self.users[role, body]

    def user_key(self, role: str, body: str = "county") -> str:
        """Return what Flask-Login keeps for that account."""
        return f"u:{self.user(role, body)}:0"

    @contextmanager
    def work(self, body: str | None = "county") -> Iterator[Any]:
        """Open a unit of work in the scope of a body (None: every body); commit at the end."""
        scope = self.bodies[body] if body else EVERY_BODY
        with self.app.app_context(), self.database.work(scope=scope) as session:
            yield session

    def be_demo(self, yes: bool) -> None:
        """Make all bodies demos, as `make_body` does, or real ones."""
        with self.work(None) as session:
            session.execute(update(Body).values(is_demo=yes))

    def actor(self, role: str, body: str = "county") -> Actor:
        with self.database.work(write=False):
            actor = identity.by_user(self.user(role, body), 0)
        assert actor is not None
        return actor


def make_body(code: str, place: str, kind: BodyKind = BodyKind.COUNTY, parent_id: int | None = None) -> Body:
    return bodies.create_body(
        code=code,
        name=f"{place}人民代表大会",
        place=place,
        kind=kind,
        parent_id=parent_id,
        by=audit.SYSTEM,
        now=NOW,
        is_demo=True,
    )


def make_user(
    username: str,
    *roles: Role,
    body_id: int | None,
    department_id: int | None = None,
    deputy_id: int | None = None,
    must_change: bool = False,
) -> User:
    user = User(
        username=username,
        name=f"{username}（示例）",
        password_hash=password_hash(),
        must_change=must_change,
        body_id=body_id,
        department_id=department_id,
        deputy_id=deputy_id,
        created_at=NOW,
        roles=[UserRole(role=role) for role in roles],
    )
    db.session.add(user)
    db.session.flush()
    return user


def make_deputy(number: str, name: str, delegation_id: int, **values: Any) -> Deputy:
    """Make a deputy of the body in scope."""
    deputy = Deputy(
        number=number,
        name=name,
        delegation_id=delegation_id,
        gender=values.pop("gender", "女"),
        pinyin=values.pop("pinyin", f"p{number}"),
        initials=values.pop("initials", "SL"),
        **values,
    )
    db.session.add(deputy)
    db.session.flush()
    return deputy


def make_deputies(count: int, delegation_id: int, *, start: int = 1) -> list[Deputy]:
    """`count` deputies of the body in scope, numbered 001 … (or from ``start``)."""
    return [
        make_deputy(f"{i:03d}", f"示例代表{i:03d}", delegation_id, gender="男" if i % 2 else "女")
        for i in range(start, start + count)
    ]


def make_project(
    name: str, *, year: int = 2027, state: ProjectState = ProjectState.DRAFT, **values: Any
) -> Project:
    """Make a project of the body in scope with its usual fields filled."""
    project = Project(
        name=name,
        year=year,
        category=values.pop("category", "交通出行"),
        content=values.pop("content", "改造农村公路 12 公里，加装护栏 8 公里。"),
        target=values.pop("target", "12 月底前全部完工通车。"),
        location=values.pop("location", "示例镇"),
        total_investment=values.pop("total_investment", Decimal("860.00")),
        year_investment=values.pop("year_investment", Decimal("860.00")),
        due_on=values.pop("due_on", date(year, 12, 20)),
        benefit_scope=values.pop("benefit_scope", "6 个村"),
        beneficiaries=values.pop("beneficiaries", 8200),
        state=state,
        created_at=NOW,
        **values,
    )
    db.session.add(project)
    db.session.flush()
    return project


def make_listed(
    count: int, *, year: int = 2027, department_id: int | None = None, first: int = 1
) -> list[Project]:
    """Make ``count`` projects on the candidate list, numbered from ``first``."""
    return [
        make_project(
            f"示例项目{i:02d}",
            year=year,
            state=ProjectState.LISTED,
            number=i,
            gates_passed=3,
            department_id=department_id,
        )
        for i in range(first, first + count)
    ]


def make_world(app: Flask, database: Database) -> World:
    world = World(app, database)
    with app.app_context(), database.work():
        county = make_body("shili", "示例县")
        other = make_body("linxian", "邻示例县")
        township = make_body("shilizhen", "示例镇", BodyKind.TOWNSHIP, county.id)
        world.bodies = {"county": county.id, "other": other.id, "township": township.id}
        make_user("root", Role.SYSADMIN, body_id=None)
        for name, body_id in world.bodies.items():
            with scoped(body_id):
                delegation = Delegation(name="第一代表团", position=1)
                department = Department(name="交通运输局")
                second = Department(name="教育局")
                db.session.add_all([delegation, department, second])
                db.session.flush()
                deputy = make_deputy("900", f"{name}代表", delegation.id)
                world.delegations[name] = delegation.id
                world.departments[name] = department.id
                for role in (Role.OFFICE, Role.GOVERNMENT, Role.LEADER):
                    world.users[role.value, name] = make_user(
                        f"{role.value}.{name}", role, body_id=body_id
                    ).id
                world.users["department", name] = make_user(
                    f"department.{name}", Role.DEPARTMENT, body_id=body_id, department_id=department.id
                ).id
                world.users["department2", name] = make_user(
                    f"department2.{name}", Role.DEPARTMENT, body_id=body_id, department_id=second.id
                ).id
                world.users["deputy", name] = make_user(
                    f"deputy.{name}", Role.DEPUTY, body_id=body_id, deputy_id=deputy.id
                ).id
        root = accounts.find_by_username("root")
        assert root is not None
        for name in world.bodies:
            world.users["sysadmin", name] = root.id
    return world
