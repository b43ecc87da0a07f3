"""One more field of a project, declared before anything of the application is imported.

The field is one more line of `FIELDS` and a column, as the recipe of docs/handover.md has it. Import this package only in a process
of its own: `python -m tests.invented_field FOLDER` prints what each place shows of the field (see tests/test_field.py).
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

LINE = """
    Field("invented", "示例新项", WORK, PageCard.PLACE, hint="示例填法", note="示例提示",
          public=Published("公开新项", "示例含义")),
)  # fmt: skip
"""


def _declare() -> None:
    path = Path(__file__).parents[2] / "votes/rules/projects/fields.py"
    spec = spec_from_file_location("votes.rules.projects.fields", path)
    assert spec is not None
    source = path.read_text("utf-8").replace("\n)  # fmt: skip\n", LINE, 1)
    module = sys.modules[spec.name] = module_from_spec(spec)
    exec(compile(source, path, "exec"), module.__dict__)


_declare()
