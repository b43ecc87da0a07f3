"""Halls of a session, and which delegation sits where."""

from collections.abc import Sequence

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from votes.forms.base import Form
from votes.models import Hall
from votes.services.meeting.halls import Seat


class HallNameForm(Form):
    name = StringField(
        "会场名称",
        [InputRequired("请填写会场名称"), Length(max=60, message="会场名称不超过 60 个字")],
        description="例如：主会场（县会议中心）、第一分会场（示例镇）",
    )


def _hall_id(value: object) -> int | None:
    return int(str(value)) if value not in (None, "", "None") else None


class PlacementForm(Form):
    """One choice of hall for each delegation; made anew for the delegations there are (`placement_form`)."""

    seats: Sequence[Seat] = ()

    @property
    def wanted(self) -> dict[int, int | None]:
        """Delegation → hall."""
        return {seat.delegation.id: self[f"hall_{seat.delegation.id}"].data for seat in self.seats}


def placement_form(seats: Sequence[Seat], halls: Sequence[Hall], *, submitted: bool) -> PlacementForm:
    """The form for these delegations and halls; ``submitted``: it is what the request has sent."""
    choices = [("", "（未安排）"), *((str(hall.id), hall.name) for hall in halls)]
    fields = {
        f"hall_{seat.delegation.id}": SelectField(seat.delegation.name, choices=choices, coerce=_hall_id)
        for seat in seats
    }
    made = type("PlacementFormOfSession", (PlacementForm,), fields)
    data = {f"hall_{seat.delegation.id}": seat.hall_id for seat in seats}
    form: PlacementForm = made(data=data) if submitted else made(formdata=None, data=data)
    form.seats = seats
    return form
