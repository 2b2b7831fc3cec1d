"""Makes what a release consists of: a zip of the integration, and the notes about it.

python3 script/package.py v1.2.3 FOLDER

writes FOLDER/amnimo.zip, whose files lie at its top as HACS wants them, with the tag's version in
the manifest; and FOLDER/notes.md, which is what CHANGELOG.md says of that version. The same
commit gives the same zip, byte by byte.
"""

from __future__ import annotations

import json
from pathlib import Path
import re
import sys
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ROOT = Path(__file__).resolve().parent.parent
INTEGRATION = Path("custom_components", "amnimo")

_TAG = re.compile(r"v(\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?)")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16
_LEFT_OUT = {"__pycache__", ".DS_Store"}


class PackageError(Exception):
    """No release can be made, for the reason that is its text."""


def main(arguments: list[str]) -> int:
    """Make a release as the command says, and return the exit status."""
    if len(arguments) != 2:
        print("usage: script/package.py TAG FOLDER", file=sys.stderr)
        return 2
    try:
        package(ROOT, arguments[0], Path(arguments[1]))
    except PackageError as err:
        print(f"package: {err}", file=sys.stderr)
        return 1
    return 0


def package(root: Path, tag: str, folder: Path) -> None:
    """Write the zip and the notes of a tag into a folder.

    Raises:
        PackageError: the tag is no version, or CHANGELOG.md does not tell of it.

    """
    match = _TAG.fullmatch(tag)
    if match is None:
        raise PackageError(f"the tag {tag} is no version, as v1.2.3 is")
    version = match[1]
    text = notes((root / "CHANGELOG.md").read_text(encoding="utf-8"), version)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "notes.md").write_text(text, encoding="utf-8")
    with ZipFile(folder / "amnimo.zip", "w", ZIP_DEFLATED) as archive:
        for path in sorted((root / INTEGRATION).rglob("*")):
            name = path.relative_to(root / INTEGRATION)
            if not path.is_file() or _LEFT_OUT & set(name.parts):
                continue
            content = path.read_bytes()
            if name == Path("manifest.json"):
                content = _with_version(content, version)
            info = ZipInfo(name.as_posix(), _LONG_AGO)
            info.compress_type = ZIP_DEFLATED
            info.external_attr = _READABLE
            archive.writestr(info, content)


def notes(changelog: str, version: str) -> str:
    """Return what a changelog says of a version.

    Raises:
        PackageError: nothing.

    """
    parts = re.split(r"^## +", changelog, flags=re.MULTILINE)
    for part in parts[1:]:
        heading, _, body = part.partition("\n")
        # Links to comparisons stand at the end of the last part.
        body = re.split(r"^\[[^]]+\]: ", body, maxsplit=1, flags=re.MULTILINE)[0]
        if heading.startswith(f"[{version}]") and body.strip():
            return f"{body.strip()}\n"
    raise PackageError(f"CHANGELOG.md has nothing to say of {version}")


def _with_version(manifest: bytes, version: str) -> bytes:
    content = json.loads(manifest) | {"version": version}
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
