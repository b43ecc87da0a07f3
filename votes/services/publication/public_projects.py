"""Read what the public may see of projects: those that the congress has selected, once the result is announced.

No page names candidates that were not selected. (The published record of a round has the whole ballot list: it is
the proof of the count.)
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from votes.db import Search, db, page, words_in
from votes.models import Attachment, Body, Project, ProjectVillage, Report, Tracking, Village
from votes.rules.projects.projects import ProjectState
from votes.services.delivery import trackings
from votes.services.people import bodies


def neighbours(body: Body) -> list[Body]:
    """Return the county of ``body`` and its townships; empty where there is only one body."""
    county = bodies.get_body(body.parent_id) if body.parent_id else body
    assert county is not None
    family = [county, *bodies.children(county)]
    return family if len(family) > 1 else []


# --- places and finding ----------------------------------------------------------------------------------


def villages(project_ids: Collection[int]) -> dict[int, list[Village]]:
    """Return the villages (communities) of these projects by project id, in the order of the office's list."""
    query = (
        select(ProjectVillage.project_id, Village)
        .join(Village, Village.id == ProjectVillage.village_id)
        .where(ProjectVillage.project_id.in_(list(project_ids)))
        .order_by(Village.position, Village.id)
    )
    by_project: dict[int, list[Village]] = defaultdict(list)
    for project_id, village in db.session.execute(query):
        by_project[project_id].append(village)
    return by_project


#: The group of projects for which no village is named: they are for everybody.
EVERYWHERE = ""


def by_township(
    lines: Sequence[trackings.TrackedProject], places: dict[int, list[Village]]
) -> list[tuple[str, list[trackings.TrackedProject]]]:
    """Group the lines by the townships (streets) of their villages, in the order of the list.

    A project for villages of several townships stands under each; those without a village come last.
    """
    villages = sorted((v for each in places.values() for v in each), key=lambda v: (v.position, v.id))
    groups: dict[str, list[trackings.TrackedProject]] = {v.township or v.name: [] for v in villages}
    groups[EVERYWHERE] = []
    for line in lines:
        for name in {v.township or v.name for v in places.get(line.project.id, ())} or {EVERYWHERE}:
            groups[name].append(line)
    return [(name, group) for name, group in groups.items() if group]


SEARCH = Search(
    filters={
        "q": words_in(Project.name, Project.content, Project.target, Project.location),
        "year": Project.year,
        "category": Project.category,
    },
    sorts={"year": ("按年度", (Project.year.desc(), Project.number, Project.id))},
)


def find(
    chosen: Mapping[str, Any], *, number: int = 1, day: date
) -> tuple[list[trackings.TrackedProject], int]:
    """Return a page of the selected projects that fit ``chosen`` (see `SEARCH`), and how many there are.

    ``number`` is the page's, from 1.
    """
    query = select(Project.id).join(Tracking, Tracking.project_id == Project.id)
    ids, total = page(SEARCH.of(query.where(Project.state == ProjectState.SELECTED), chosen), number)
    return trackings.of_projects(ids, day=day), total


def categories() -> list[str]:
    """Return the categories of the selected projects of all years."""
    query = select(Project.category).where(Project.state == ProjectState.SELECTED)
    return sorted(db.session.scalars(query.distinct()))


def picture(attachment_id: int) -> Attachment | None:
    """Return a picture of a selected project or of one of its reports; None for every other file."""
    query = (
        select(Attachment)
        .outerjoin(Report, Report.id == Attachment.report_id)
        .outerjoin(Tracking, Tracking.id == Report.tracking_id)
        .join(Project, Project.id == func.coalesce(Attachment.project_id, Tracking.project_id))
        .where(Attachment.is_picture, Project.state == ProjectState.SELECTED)
    )
    return db.session.scalar(query.where(Attachment.id == attachment_id))
