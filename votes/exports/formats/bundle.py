"""Several files as one zip: the same files give the same bytes, and a manifest lists them."""

import json
import zipfile
from collections.abc import Mapping
from io import BytesIO

from votes.rules.voting.digests import digest

MANIFEST = "manifest.json"
SUMS = {"sha256": "SHA256SUMS", "sm3": "SM3SUMS"}
#: A zip has a time for each file; the real one would change the bytes each time.
_MOMENT = (2000, 1, 1, 0, 0, 0)


def with_manifest(
    files: Mapping[str, bytes], algorithm: str, *, title: str, **facts: object
) -> dict[str, bytes]:
    """Return the files, a manifest of name, size and hash of each, and the hashes as sha256sum reads them."""
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
    """Return a zip of the files in the order of their names (UTF-8), all with one fixed time."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # the same on every machine
            archive.writestr(entry, files[name])
    return out.getvalue()
