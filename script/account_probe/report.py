"""The report of a probe, in Markdown: names of fields and kinds of values, nobody's data.

Owns what may be shown. Of values there are only words of states, which say nothing about whom
they are of; all else is told by its kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
import json
import re
from typing import Any

from custom_components.amnimo.api import shape

from .provenance import Provenance, attributes_of, trace
from .questions import Answer

_WORDS = {
    "status",
    "recording_status",
    "storage",
    "state",
    "kind",
    "category",
    "type",
    "source",
    "external_devices.status",
}
"""Attributes whose values are words of the service, and of nobody."""
_MEANINGS = {
    "status": ("online", "on"),
    "recording_status": ("recording",),
    "external_devices.status": ("external_devices.online",),
}
"""What a word means, by its attribute: None where it was not understood."""
_WORD = re.compile(r"[A-Za-z][A-Za-z_ -]{0,23}|\d{1,3}")
_MOST_PATHS = 3


def heading(version: str, date: str) -> str:
    """Return how a report begins."""
    return (
        f"# amnimo account probe\n\n"
        f"Integration {version}, {date}. Names of fields and kinds of values only.\n"
    )


def tell(answer: Answer) -> Iterator[str]:
    """Yield the lines of one answer."""
    yield f"## `{answer.question}`"
    yield ""
    sign = "understood" if answer.understood else "**not understood**"
    yield f"{answer.status}, {answer.seconds:.2f} s, {sign}"
    yield from (f"- {note}" for note in answer.notes)
    if answer.payload is None:
        yield ""
        return
    yield ""
    unused: list[set[str]] = []
    for what, read in answer.readers.items():
        traced = trace(answer.payload, read)
        unused.append(set(traced.unused))
        yield from _table(what, traced)
    nothing = sorted(set.intersection(*unused)) if unused else []
    if nothing:
        yield "Nothing is read from: " + ", ".join(f"`{path}`" for path in nothing)
        yield ""
    yield "<details><summary>shape</summary>"
    yield ""
    yield "```json"
    yield json.dumps(shape(answer.payload), indent=1, ensure_ascii=False)
    yield "```"
    yield ""
    yield "</details>"
    yield ""


def _table(what: str, traced: Provenance) -> Iterator[str]:
    count = len(traced.models)
    if not count:
        yield f"No {what}."
        yield ""
        return
    yield f"| {what} | have it | under |"
    yield "| --- | --- | --- |"
    for attribute in _attributes(traced.models):
        paths = traced.found.get(attribute, [])
        held = traced.held_by(attribute)
        shown = ", ".join(f"`{path}`" for path in paths[:_MOST_PATHS] if held) or "–"
        if held and len(paths) > _MOST_PATHS:
            shown += f" and {len(paths) - _MOST_PATHS} more"
        yield f"| {attribute} | {held} of {count} | {shown}{_words(traced, attribute)} |"
    yield ""


def _attributes(models: Sequence[Any]) -> list[str]:
    """Return all attributes that any model has, in the order of the class."""
    found: dict[str, None] = {}
    for model in models:
        found |= dict.fromkeys(attributes_of(model))
    # Some have a model there, others nothing: what is in it tells more.
    outer = {name.partition(".")[0] for name in found if "." in name}
    return [name for name in found if name not in outer]


def _words(traced: Provenance, attribute: str) -> str:
    """Return which words an attribute has, and which of them mean nothing to the integration."""
    if attribute not in _WORDS:
        return ""
    counted: Counter[str] = Counter()
    for model in traced.models:
        told = attributes_of(model)
        meaning = next(
            (name for name in _MEANINGS.get(attribute, ()) if name in told), None
        )
        words = _listed(told.get(attribute))
        meanings = _listed(told[meaning]) if meaning else words
        for word, meant in zip(words, meanings, strict=True):
            if word is None:
                continue
            shown = str(word) if _WORD.fullmatch(str(word)) else "(not a word)"
            counted[shown if meant is not None else f"{shown} **unknown**"] += 1
    if not counted:
        return ""
    return ": " + ", ".join(f"{word} × {count}" for word, count in counted.items())


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def summary(answers: Sequence[Answer]) -> str:
    """Return the last line: how many were understood."""
    missed = [answer for answer in answers if not answer.understood]
    text = f"{len(answers)} questions, {len(answers) - len(missed)} understood"
    if not missed:
        return f"{text}."
    return f"{text}; not: " + ", ".join(f"`{each.question}`" for each in missed) + "."
