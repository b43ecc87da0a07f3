"""What the log is narrowed by."""

from datetime import datetime, time, timedelta
from typing import Any

from wtforms import DateField, SelectField, StringField

from votes.clock import SHANGHAI
from votes.forms.filters import Filters
from votes.web.words.audit_words import GROUPS, nouns


class AuditFilters(Filters):
    q = StringField("查找", render_kw={"placeholder": "操作人、对象、说明", "size": 18})
    group = SelectField(
        "事项", choices=[("", "全部事项"), *((key, word) for key, (word, _) in GROUPS.items())]
    )
    outcome = SelectField("结果", choices=[("", "全部"), ("done", "已办理"), ("refused", "被拒绝")])
    since = DateField("从")
    until = DateField("到")
    body_id = SelectField("所属人大", coerce=lambda v: int(v) if v else None, default="")

    def __init__(self, bodies: list[Any]) -> None:
        super().__init__(body_id=[("", "系统（不属于任何一级人大）"), *((b.id, b.name) for b in bodies)])

    @property
    def values(self) -> dict[str, Any]:
        """Days as a calendar in China has them, both included."""

        def midnight(day: Any, plus: int = 0) -> datetime | None:
            return datetime.combine(day + timedelta(plus), time(), SHANGHAI) if day else None

        return {
            "q": self.q.data or "",
            "nouns": nouns(self.group.data) if self.group.data else (),
            "outcome": self.outcome.data or "",
            "since": midnight(self.since.data),
            "until": midnight(self.until.data, 1),
        }
