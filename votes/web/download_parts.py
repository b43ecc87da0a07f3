"""Files that several requests make for one download, kept in a folder under INSTANCE_PATH/made.

There is no job runner, and a process serves one request at a time. So the page asks for one part after the other; each
is a short request, answered by any process. The last request packs the files that the others have stored.
"""

import re
import shutil
import time
from pathlib import Path

from flask import current_app

from votes.rules.errors import RuleBroken

LIFETIME = 3600  # seconds until the files of an unfinished download are removed


def _root() -> Path:
    root = Path(current_app.config["INSTANCE_PATH"]) / "made"
    root.mkdir(mode=0o700, exist_ok=True)
    return root


def _folder(owner: str, job: str) -> Path:
    """Return the folder of a download: ``owner`` is a public id, ``job`` the page's random name for the download."""
    if not re.fullmatch(r"[0-9a-f]{16,32}", job):
        raise RuleBroken("下载请求不完整，请刷新页面后重试。", status=422)
    return _root() / f"{owner}-{job}"


def sweep() -> None:
    """Remove the files of unfinished downloads."""
    for folder in _root().iterdir():
        try:
            if time.time() - folder.stat().st_mtime > LIFETIME:
                shutil.rmtree(folder, ignore_errors=True)
        except FileNotFoundError:  # another process has removed it
            continue


def put(owner: str, job: str, name: str, data: bytes) -> None:
    """Keep one part until all are packed."""
    folder = _folder(owner, job)
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / name).write_bytes(data)


def take(owner: str, job: str, names: list[str]) -> dict[str, bytes]:
    """Return the parts called ``names`` and remove them; raise RuleBroken when one of them was not made."""
    folder = _folder(owner, job)
    parts = {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}
    shutil.rmtree(folder, ignore_errors=True)
    if len(parts) < len(names):
        raise RuleBroken(
            "有文书没有生成，或者其间票决状态有变动，没有打包。请重新下载。", code="part_missing"
        )
    return parts
