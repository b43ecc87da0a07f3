"""Queries that services share."""

from votes.db import db
from votes.db.queries import count_by
from votes.models import Department


def test_count_by_counts_rows_in_scope_and_leaves_out_null(world):
    with world.work():
        for name, head in (("甲局", "王某"), ("乙局", "王某"), ("丙局", "李某"), ("丁局", None)):
            db.session.add(Department(name=name, head=head, active=name != "乙局"))
        db.session.flush()
        invented = Department.name.in_(["甲局", "乙局", "丙局", "丁局"])
        assert count_by(Department.head, invented) == {"王某": 2, "李某": 1}
        assert count_by(Department.head, invented, Department.active) == {"王某": 1, "李某": 1}
        db.session.rollback()
