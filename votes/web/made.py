"""Files made one after the other for one download: a folder under INSTANCE_PATH/made that soon goes away again.

There is no job runner, and a process serves one request at a time: the page asks for part after part, each a short
request of its own (whichever process answers it), and the last one packs what the others have left here.
"""

import re
import shutil
import time
from pathlib import Path

from flask import current_app

from votes.rules.errors import RuleBroken

KEPT = 3600  # seconds; whoever stops half-way leaves nothing for longer


def _root() -> Path:
    root = Path(current_app.config["INSTANCE_PATH"]) / "made"
    root.mkdir(mode=0o700, exist_ok=True)
    return root


def _folder(owner: str, job: str) -> Path:
    """`owner` is a round's public id, `job` the page's own random name for this download."""
    if not re.fullmatch(r"[0-9a-f]{16,32}", job):
        raise RuleBroken("下载请求不完整，请刷新页面后重试。", status=422)
    return _root() / f"{owner}-{job}"


def sweep() -> None:
    """Remove what was left behind by downloads that were given up."""
    for folder in _root().iterdir():
        try:
            if time.time() - folder.stat().st_mtime > KEPT:
                shutil.rmtree(folder, ignore_errors=True)
        except FileNotFoundError:  # another process was quicker
            continue


def put(owner: str, job: str, name: str, data: bytes) -> None:
    """Keep one part until it is packed."""
    folder = _folder(owner, job)
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / name).write_bytes(data)


def take(owner: str, job: str, names: list[str]) -> dict[str, bytes]:
    """The parts called `names`, which are then gone. Raises RuleBroken when one of them was not made."""
    folder = _folder(owner, job)
    found = {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}
    shutil.rmtree(folder, ignore_errors=True)
    if len(found) < len(names):
        raise RuleBroken(
            "有文书没有生成，或者其间票决状态有变动，没有打包。请重新下载。", code="part_missing"
        )
    return found
