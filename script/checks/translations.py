"""The texts: each language says all that the English one says, and none of it in English."""

from __future__ import annotations

from collections.abc import Iterator
import re
from typing import Any

from .placeholders import placeholders
from .tree import LANGUAGES, REFERENCE, Tree, UnreadableError

CATEGORIES = frozenset(
    "common conditions config config_subentries device device_automation entity"
    " exceptions issues options preview_features selector services system_health title"
    " triggers".split()
)
"""What Home Assistant looks for in a file of texts."""

SAME_IN_ALL_LANGUAGES: frozenset[str] = frozenset()
"""Texts that are no English though they have letters, as the names of products."""

_KEY = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")
_URL = re.compile(r"\b(?:[a-z][a-z0-9]*://|www\.)[a-z0-9]", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z]", re.IGNORECASE)
_QUOTED = re.compile(r"'\{\w+\}'")


def check(tree: Tree) -> Iterator[str]:
    """Yield what is wrong with the texts."""
    texts: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        try:
            content = tree.json(f"translations/{language}.json")
            texts[language] = dict(_flatten(content, ""))
        except (UnreadableError, ValueError) as err:
            yield f"translations/{language}.json: {err}"
            continue
        name = f"{language}.json"
        for category in sorted(content.keys() - CATEGORIES):
            yield f"{name}: {category} is no category that Home Assistant knows"
        yield from _check_texts(name, texts[language])
    for language, translated in texts.items():
        if language != REFERENCE and REFERENCE in texts:
            yield from _compare(f"{language}.json", translated, texts[REFERENCE])


def _flatten(node: Any, key: str) -> Iterator[tuple[str, str]]:
    """Yield the texts below a node with their path of keys."""
    if isinstance(node, str):
        yield key, node
    elif isinstance(node, dict):
        for name, child in node.items():
            yield from _flatten(child, f"{key}.{name}" if key else name)
    else:
        raise ValueError(f"{key or 'the file'} is neither text nor object")  # noqa: TRY004


def _check_texts(name: str, texts: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with a file by itself."""
    for key, text in texts.items():
        for part in key.split("."):
            if not _KEY.fullmatch(part):
                yield f"{name}: {key} has a key that is not made of a-z, 0-9, - and _"
        names = placeholders(text)
        if not text.strip():
            yield f"{name}: {key} is empty"
        elif text != text.strip():
            yield f"{name}: {key} begins or ends with a blank"
        elif "[%key:" in text:
            yield f"{name}: {key} refers to another text"
        elif names is None:
            yield f"{name}: {key} has a brace without its counterpart"
        elif not all(each.isidentifier() for each in names):
            yield f"{name}: {key} has a placeholder that is no name"
        elif _QUOTED.search(text):
            yield f"{name}: {key} has a placeholder in single quotes"
        elif _URL.search(text):
            yield f"{name}: {key} holds an address; give it as a placeholder"
        elif _TAG.search(text):
            yield f"{name}: {key} holds HTML"


def _compare(
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
        if translated[key] == reference[key] and _is_language(reference[key]):
            yield f"{name}: {key} is not translated"


def _is_language(text: str) -> bool:
    """Return whether a text has words, besides what is put into it."""
    words = re.sub(r"\{\w*\}", "", text)
    return (
        text not in SAME_IN_ALL_LANGUAGES and re.search("[A-Za-z]", words) is not None
    )
