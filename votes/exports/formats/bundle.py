"""Several files as one zip: the same files give the same bytes, and a list says what belongs in it."""

import json
import zipfile
from collections.abc import Mapping
from io import BytesIO

from votes.rules.voting.digests import digest

MANIFEST = "manifest.json"
SUMS = {"sha256": "SHA256SUMS", "sm3": "SM3SUMS"}
_MOMENT = (2000, 1, 1, 0, 0, 0)  # a zip wants a time; the files' own would differ at each making


def with_manifest(
    files: Mapping[str, bytes], algorithm: str, *, title: str, **facts: object
) -> dict[str, bytes]:
    """The files, a manifest of name, size and hash of each, and the hashes in the form that sha256sum reads."""
    hashes = {name: digest(algorithm, data) for name, data in files.items()}
    manifest = {
        "title": title,
        **facts,
        "hash": algorithm,
        "files": [{"name": name, "size": len(files[name]), "digest": hashes[name]} for name in sorted(files)],
    }
    sums = "".join(f"{hashes[name]}  {name}\n" for name in sorted(files))
    return {
        **files,
        MANIFEST: json.dumps(manifest, ensure_ascii=False, indent=1).encode() + b"\n",
        SUMS[algorithm]: sums.encode(),
    }


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of the files in the order of their names (UTF-8), without times of its own."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # the same on every machine
            archive.writestr(entry, files[name])
    return out.getvalue()


def complaints(files: Mapping[str, bytes]) -> list[str]:
    """What of the files is not as their manifest says, in Chinese; empty when all is."""
    listed = json.loads(files[MANIFEST])
    found = []
    for entry in listed["files"]:
        name = entry["name"]
        if name not in files:
            found.append(f"缺少 {name}")
        elif (len(files[name]), digest(listed["hash"], files[name])) != (entry["size"], entry["digest"]):
            found.append(f"{name} 的内容与清单不符")
    known = {entry["name"] for entry in listed["files"]} | {MANIFEST, *SUMS.values()}
    return found + [f"多出 {name}" for name in sorted(set(files) - known)]
