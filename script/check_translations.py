"""Checks that every translation says all that the English one says.

Same keys, same placeholders, no empty text, and no reference to another text: those
are resolved for integrations that are part of Home Assistant only.
"""

from __future__ import annotations

from collections.abc import Iterator
import json
from pathlib import Path
import string
import sys

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "custom_components" / "amnimo" / "translations"
REFERENCE = "en"
LANGUAGES = (REFERENCE, "ja")


def main() -> int:
    """Print what is wrong, one line each, and give the exit status."""
    if not (FOLDER.parent / "manifest.json").is_file():
        print("no integration, so nothing to check")
        return 0
    faults = list(check(FOLDER))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def check(folder: Path) -> Iterator[str]:
    """Yield the faults of a folder of translations."""
    paths = {path.stem: path for path in sorted(folder.glob("*.json"))}
    for language in LANGUAGES:
        if language not in paths:
            yield f"{folder.name}/{language}.json is missing"
    texts: dict[str, dict[str, str]] = {}
    for language, path in paths.items():
        try:
            texts[language] = read(path)
        except ValueError as err:
            yield f"{path.name}: {err}"
    for language, translated in texts.items():
        yield from check_texts(f"{language}.json", translated)
        if language != REFERENCE and REFERENCE in texts:
            yield from compare(f"{language}.json", translated, texts[REFERENCE])


def read(path: Path) -> dict[str, str]:
    """Read a file into texts by their path of keys; ValueError if it is not one."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            keys = [key for key, _ in pairs]
            doubles = sorted({key for key in keys if keys.count(key) > 1})
            raise ValueError(f"{', '.join(doubles)} is there twice")
        return fields

    tree = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=unique)
    return dict(flatten(tree, ""))


def flatten(node: object, key: str) -> Iterator[tuple[str, str]]:
    """Yield the texts below a node with their path of keys."""
    if isinstance(node, str):
        yield key, node
    elif isinstance(node, dict):
        for name, child in node.items():
            yield from flatten(child, f"{key}.{name}" if key else name)
    else:
        raise ValueError(f"{key or 'the file'} is neither text nor object")  # noqa: TRY004


def check_texts(name: str, texts: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with a file by itself."""
    for key, text in texts.items():
        if not text.strip():
            yield f"{name}: {key} is empty"
        elif "[%key:" in text:
            yield f"{name}: {key} refers to another text"
        elif placeholders(text) is None:
            yield f"{name}: {key} has a brace without its counterpart"


def compare(
    name: str, translated: dict[str, str], reference: dict[str, str]
) -> Iterator[str]:
    """Yield what a translation lacks, has too much, or fills in differently."""
    for key in sorted(reference.keys() - translated.keys()):
        yield f"{name}: {key} is missing"
    for key in sorted(translated.keys() - reference.keys()):
        yield f"{name}: {key} is not in {REFERENCE}.json"
    for key in sorted(reference.keys() & translated.keys()):
        wanted = placeholders(reference[key])
        found = placeholders(translated[key])
        if None not in (wanted, found) and wanted != found:
            yield f"{name}: {key} has other placeholders than {REFERENCE}.json"


def placeholders(text: str) -> set[str] | None:
    """Give the names in braces; None if the braces do not match."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:
        return None


if __name__ == "__main__":
    sys.exit(main())
