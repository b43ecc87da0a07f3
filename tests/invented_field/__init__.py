"""One more field of a project, declared before anything of the application is imported.

The field is one more line of `FIELDS` and a column, as the recipe of docs/handover.md has it. Import this package only in a process
of its own: `python -m tests.invented_field FOLDER` prints what each place shows of the field (see tests/test_field.py).
"""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any

NAME = "votes.rules.projects.fields"
PATH = Path(__file__).parents[2] / "votes/rules/projects/fields.py"
LINE = """
    Field("invented", "示例新项", WORK, PageCard.PLACE, hint="示例填法", note="示例提示",
          public=Published("公开新项", "示例含义")),
)  # fmt: skip
"""


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """Compile the file with the line of the invented field."""
        source = PATH.read_text("utf-8").replace("\n)  # fmt: skip\n", LINE, 1)
        return compile(source, PATH, "exec")


class _Finder(MetaPathFinder):
    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Load the module of the fields with `_Loader`, every other module as usual."""
        if fullname != NAME:
            return None
        return spec_from_file_location(NAME, PATH, loader=_Loader(NAME, str(PATH)))


sys.meta_path.insert(0, _Finder())
