"""The versions of a project's text: store every one, compare two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from votes.db import db
from votes.models import Project, ProjectVersion
from votes.rules.people.actor import Actor
from votes.rules.projects.text import Piece, Text, differences
from votes.services import audit


def versions(project: Project) -> list[ProjectVersion]:
    """Return every version of the text, the first one first."""
    query = select(ProjectVersion).where(ProjectVersion.project_id == project.id)
    return list(db.session.scalars(query.order_by(ProjectVersion.version)))


def latest_version(project: Project) -> int:
    """Return the number of the present text; 0 for a project that has none."""
    query = select(func.max(ProjectVersion.version)).where(ProjectVersion.project_id == project.id)
    return db.session.scalar(query) or 0


@dataclass(frozen=True)
class Compared:
    """One label of two versions, cut into pieces where the words differ."""

    label: str
    before: Sequence[Piece]
    after: Sequence[Piece]

    @property
    def changed(self) -> bool:
        """Tell whether anything differs."""
        return any(piece.kind != "same" for piece in (*self.before, *self.after))


def compare(old: Text, new: Text) -> list[Compared]:
    """Return two versions' texts side by side, label by label."""
    labels = dict.fromkeys([*new, *old])
    return [Compared(label, *differences(old.get(label, ""), new.get(label, ""))) for label in labels]


def keep(project: Project, before: Text, text: Text, *, by: Actor, now: datetime, note: str) -> None:
    """Keep ``text`` as the next version; first ``before``, where the project was entered without versions."""
    latest = latest_version(project) if before else 0
    if before and not latest:
        latest = _add(project, before, 1, by=audit.SYSTEM, now=project.created_at, note="原文")
    _add(project, text, latest + 1, by=by, now=now, note=note)


def _add(project: Project, text: Text, number: int, *, by: Actor, now: datetime, note: str) -> int:
    version = ProjectVersion(
        body_id=project.body_id,
        project_id=project.id,
        version=number,
        text=dict(text),
        changed_by=by.name,
        changed_at=now,
        note=note,
    )
    db.session.add(version)
    db.session.flush()
    return number
