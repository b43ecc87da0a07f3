"""What the public may read: selected projects, announcements and records. Nothing before it is announced.

A project is public once the congress has selected it and the result is announced; candidates that were not selected
are named on no page. (The published record of a round carries the whole ballot list: it is the proof of the count.)
"""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import func, select

from votes.db import containing, db
from votes.models import Attachment, Body, Project, ProjectVillage, Report, Tracking, Village
from votes.rules.projects.projects import ProjectState
from votes.services.delivery import trackings
from votes.services.people import bodies


def neighbours(body: Body) -> list[Body]:
    """The county and its townships, for going from one to the other; empty where there is only one."""
    county = bodies.get_body(body.parent_id) if body.parent_id else body
    assert county is not None
    found = [county, *bodies.children(county)]
    return found if len(found) > 1 else []


# --- places and finding ----------------------------------------------------------------------------------


def villages(project_ids: Collection[int]) -> dict[int, list[Village]]:
    """In or for which villages (communities) these projects are carried out, in the order of the office's list."""
    rows = db.session.execute(
        select(ProjectVillage.project_id, Village)
        .join(Village, Village.id == ProjectVillage.village_id)
        .where(ProjectVillage.project_id.in_(list(project_ids)))
        .order_by(Village.position, Village.id)
    )
    found: dict[int, list[Village]] = {}
    for project_id, village in rows:
        found.setdefault(project_id, []).append(village)
    return found


#: The group of projects for which no village is named: they are for everybody.
EVERYWHERE = ""


def by_township(
    lines: Sequence[trackings.TrackedProject], places: dict[int, list[Village]]
) -> list[tuple[str, list[trackings.TrackedProject]]]:
    """The lines under the townships (streets) of their villages, in the order of the list; without one last.

    A project for villages of several townships stands under each.
    """
    order: dict[str, int] = {}
    for village in sorted((v for each in places.values() for v in each), key=lambda v: (v.position, v.id)):
        order.setdefault(village.township or village.name, len(order))
    groups: dict[str, list[trackings.TrackedProject]] = {name: [] for name in order}
    for line in lines:
        names = {v.township or v.name for v in places.get(line.project.id, ())} or {EVERYWHERE}
        for name in names:
            groups.setdefault(name, []).append(line)
    return [(name, found) for name, found in groups.items() if found]


def find(
    *, q: str = "", year: int | None = None, category: str = "", number: int = 1, day: date, size: int = 50
) -> tuple[list[trackings.TrackedProject], int]:
    """A page of the selected projects of all years whose texts have every word of ``q``, the latest year first; and
    how many there are."""
    query = (
        select(Project.id)
        .join(Tracking, Tracking.project_id == Project.id)
        .where(Project.state == ProjectState.SELECTED)
    )
    query = query.where(*containing(q, Project.name, Project.content, Project.target, Project.location))
    if year is not None:
        query = query.where(Project.year == year)
    if category:
        query = query.where(Project.category == category)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ids = db.session.scalars(
        query.order_by(Project.year.desc(), Project.number, Project.id)
        .offset((number - 1) * size)
        .limit(size)
    )
    return trackings.of_projects(ids, day=day), total


def categories() -> list[str]:
    """The categories of the selected projects of all years."""
    query = select(Project.category).where(Project.state == ProjectState.SELECTED)
    return sorted(db.session.scalars(query.distinct()))


def picture(attachment_id: int) -> Attachment | None:
    """A picture of a selected project or of one of its reports; None for every other file."""
    return db.session.scalar(
        select(Attachment)
        .outerjoin(Report, Report.id == Attachment.report_id)
        .outerjoin(Tracking, Tracking.id == Report.tracking_id)
        .join(Project, Project.id == func.coalesce(Attachment.project_id, Tracking.project_id))
        .where(
            Attachment.id == attachment_id,
            Attachment.is_picture,
            Project.state == ProjectState.SELECTED,
        )
    )
