"""Templates: how a JSON value is made of the world's terms.

Owns the mechanism only; the templates themselves are the dialects'. A template is the JSON
it makes, with an ``Of`` wherever a value belongs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None
type Terms = Mapping[str, Any]
type Template = Of | Always | list[Template] | dict[str, Template]


@dataclass(frozen=True, slots=True)
class Of:
    """The place of a term in a template.

    ``written`` turns the term's value into what is sent: a table of words, or a function.
    """

    term: str
    written: Callable[[Any], Json] | Mapping[Any, Json] | None = None


@dataclass(frozen=True, slots=True)
class Always:
    """An object that is there even if there is nothing in it."""

    parts: dict[str, Template]


def render(template: Template, terms: Terms) -> Json:
    """Return a template with the values of its terms.

    A term without a value (None) leaves no trace, nor does an object that has only such.
    The outermost object is made in any case. Raises KeyError for a term there is not.
    """
    return _render(Always(template) if isinstance(template, dict) else template, terms)


def _render(template: Template, terms: Terms) -> Json:
    match template:
        case Of(term, written):
            value: Json = terms[term]
            if value is None or written is None:
                return value
            return written[value] if isinstance(written, Mapping) else written(value)
        case Always(parts):
            items = {key: _render(part, terms) for key, part in parts.items()}
            return {key: value for key, value in items.items() if value is not None}
        case dict():
            return _render(Always(template), terms) or None
        case list():
            values = [_render(part, terms) for part in template]
            return [value for value in values if value is not None]
