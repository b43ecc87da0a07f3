"""Halls of a session, and which delegation sits where."""

from collections.abc import Sequence

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from votes.forms.base import Form
from votes.models import Hall
from votes.services.meeting.halls import Placement


class HallNameForm(Form):
    name = StringField(
        "会场名称",
        [InputRequired("请填写会场名称"), Length(max=60, message="会场名称不超过 60 个字")],
        description="例如：主会场（县会议中心）、第一分会场（示例镇）",
    )


def _hall_id(value: object) -> int | None:
    return int(str(value)) if value not in (None, "", "None") else None


class PlacementForm(Form):
    """One choice of hall for each delegation; `placement_form` makes the fields for the delegations at hand."""

    placements: Sequence[Placement] = ()

    @property
    def halls_of(self) -> dict[int, int | None]:
        """Return delegation id → chosen hall id."""
        return {each.delegation.id: self[f"hall_{each.delegation.id}"].data for each in self.placements}


def placement_form(
    placements: Sequence[Placement], halls: Sequence[Hall], *, submitted: bool
) -> PlacementForm:
    """Return the form for these delegations and halls; ``submitted``: the request has sent it."""
    choices = [("", "（未安排）"), *((str(hall.id), hall.name) for hall in halls)]
    fields = {
        f"hall_{each.delegation.id}": SelectField(each.delegation.name, choices=choices, coerce=_hall_id)
        for each in placements
    }
    data = {f"hall_{each.delegation.id}": each.hall_id for each in placements}
    options = {} if submitted else {"formdata": None}
    form: PlacementForm = type("PlacementFormOfSession", (PlacementForm,), fields)(data=data, **options)
    form.placements = placements
    return form
