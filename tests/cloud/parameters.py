"""Reading requests as strictly as the API document allows.

Owns the forms and ranges of path, query and body parameters. Whatever is not documented,
is repeated, or has another form is a BadRequestError: a client that is refused here might
be accepted by the service, but never the other way round.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
import json
import re
from typing import Final

from multidict import MultiMapping

from .refusals import BadRequestError

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_WHOLE: Final = re.compile(r"-?\d{1,18}", re.ASCII)
_NUMBER: Final = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
_INT32: Final = 2**31 - 1
_LONGEST_EXPIRATION: Final = 10_080  # minutes


def read_uuid(name: str, text: str) -> str:
    """Return a UUID in lower case."""
    if not _UUID.fullmatch(text):
        raise BadRequestError(f"{name} is not a UUID")
    return text.lower()


def read_moment(name: str, value: object) -> float:
    """Return the epoch seconds of a time written ``yyyy-mm-ddTHH:MM:SS.SSSZ``."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise BadRequestError(f"{name} is not of the form yyyy-mm-ddTHH:MM:SS.SSSZ")
    try:
        return datetime.fromisoformat(value).astimezone(UTC).timestamp()
    except ValueError as err:
        raise BadRequestError(f"{name} is no date") from err


def check_range(name: str, value: float, low: float, high: float | None) -> None:
    """Refuse a number outside its documented range."""
    if value < low or (high is not None and value > high):
        raise BadRequestError(
            f"{name} is not in {low} .. {'' if high is None else high}"
        )


class Query:
    """The query of a request; each parameter is asked for once, then ``finish`` is called."""

    def __init__(self, query: MultiMapping[str]) -> None:
        """Read from the query of a URL."""
        self._query = query
        self._known: set[str] = set()

    def text(self, name: str) -> str | None:
        """Return a parameter that may be given once."""
        self._known.add(name)
        values = self._query.getall(name, [])
        if len(values) > 1:
            raise BadRequestError(f"{name} is given more than once")
        return values[0] if values else None

    def required(self, name: str) -> str:
        """Return a parameter that must be given, and not empty."""
        if not (value := self.text(name)):
            raise BadRequestError(f"{name} is missing")
        return value

    def integer(
        self, name: str, default: int, low: int, high: int | None = None
    ) -> int:
        """Return a whole number in a range."""
        if (value := self.text(name)) is None:
            return default
        if not _WHOLE.fullmatch(value):
            raise BadRequestError(f"{name} is no integer")
        check_range(name, int(value), low, high)
        return int(value)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """Return a number in a range."""
        if (value := self.text(name)) is None:
            return default
        if not _NUMBER.fullmatch(value):
            raise BadRequestError(f"{name} is no number")
        check_range(name, float(value), low, high)
        return float(value)

    def boolean(self, name: str, default: bool) -> bool:
        """Return a flag, which is written ``true`` or ``false``."""
        value = self.text(name)
        if value is None:
            return default
        if value not in ("true", "false"):
            raise BadRequestError(f"{name} is neither true nor false")
        return value == "true"

    def moment(self, name: str) -> float | None:
        """Return a time as epoch seconds."""
        value = self.text(name)
        return None if value is None else read_moment(name, value)

    def required_moment(self, name: str) -> float:
        """Return a time that must be given, as epoch seconds."""
        return read_moment(name, self.required(name))

    def expiration(self) -> float:
        """Return how long a presigned URL shall last, in seconds (given in minutes)."""
        return self.number("expiration", 60, 1, _LONGEST_EXPIRATION) * 60

    def url_seconds(self) -> float | None:
        """Return how long thumbnail URLs shall last, or None where none are wanted."""
        wanted = self.boolean("isUrl", default=True)
        seconds = self.expiration()
        return seconds if wanted else None

    def uuids(self, name: str, most: int) -> list[str]:
        """Return a parameter that may be repeated, up to a number of times."""
        self._known.add(name)
        values = self._query.getall(name, [])
        if len(values) > most:
            raise BadRequestError(f"{name} is given more than {most} times")
        return [read_uuid(name, value) for value in values]

    def given(self) -> frozenset[str]:
        """Return the names of the parameters that are there."""
        return frozenset(self._query.keys())

    def finish(self) -> None:
        """Refuse a parameter that nobody asked for."""
        if unknown := self.given() - self._known:
            raise BadRequestError(
                f"unknown query parameters: {', '.join(sorted(unknown))}"
            )


class Body:
    """The JSON object of a request; each key is asked for once, then ``finish`` is called."""

    def __init__(self, content: Mapping[str, object], where: str = "the body") -> None:
        """Read from an object."""
        self._content = content
        self._where = where
        self._known: set[str] = set()

    @classmethod
    def parse(cls, content_type: str, body: bytes) -> Body:
        """Read a request body; it must be declared as JSON and be an object."""
        if content_type != "application/json":
            raise BadRequestError("the content type is not application/json")
        try:
            content = json.loads(body)
        except ValueError as err:
            raise BadRequestError("the body is no JSON") from err
        if not isinstance(content, dict):
            raise BadRequestError("the body is no object")
        return cls(content)

    def optional(self, name: str) -> object:
        """Return a value, or None where it is not given; an explicit null is refused."""
        self._known.add(name)
        if name in self._content and self._content[name] is None:
            raise BadRequestError(f"{name} is null")
        return self._content.get(name)

    def required(self, name: str) -> object:
        """Return a value that must be given."""
        if (value := self.optional(name)) is None:
            raise BadRequestError(f"{name} is missing")
        return value

    def integer(
        self, name: str, low: int, high: int = _INT32, default: int | None = None
    ) -> int:
        """Return an integer in a range; without a default it must be given."""
        value = self._value(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadRequestError(f"{name} is no integer")
        check_range(name, value, low, high)
        return value

    def number(self, name: str, low: float, default: float | None = None) -> float:
        """Return a number from ``low`` up; without a default it must be given."""
        value = self._value(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise BadRequestError(f"{name} is no number")
        check_range(name, value, low, None)
        return value

    def boolean(self, name: str) -> bool:
        """Return true or false, which must be given."""
        value = self.required(name)
        if not isinstance(value, bool):
            raise BadRequestError(f"{name} is neither true nor false")
        return value

    def string(
        self, name: str, shortest: int, longest: int, default: str | None = None
    ) -> str:
        """Return a string of a length in characters; without a default it must be given."""
        if default is not None and self.optional(name) is None:
            return default
        value = self.required(name)
        if not isinstance(value, str) or not shortest <= len(value) <= longest:
            raise BadRequestError(
                f"{name} is no string of {shortest} .. {longest} characters"
            )
        return value

    def word(self, name: str, words: Sequence[str], default: str | None = None) -> str:
        """Return one of some words; without a default it must be given."""
        return _one_of(name, self._value(name, default), words)

    def words(self, name: str, words: Sequence[str]) -> list[str]:
        """Return a list of some words; all of them where it is not given, or empty."""
        value = self.optional(name)
        if value is None or value == []:
            return list(words)
        if not isinstance(value, list):
            raise BadRequestError(f"{name} is no array")
        return [_one_of(name, each, words) for each in value]

    def member(self, name: str) -> Body:
        """Return an object that must be given."""
        value = self.required(name)
        if not isinstance(value, dict):
            raise BadRequestError(f"{name} is no object")
        return Body(value, name)

    def _value(self, name: str, default: object) -> object:
        """Return a value; without a default it must be given."""
        value = self.optional(name)
        if value is None:
            return self.required(name) if default is None else default
        return value

    def finish(self) -> None:
        """Refuse a key that nobody asked for."""
        if unknown := set(self._content) - self._known:
            raise BadRequestError(
                f"unknown in {self._where}: {', '.join(sorted(unknown))}"
            )


def _one_of(name: str, value: object, words: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in words:
        raise BadRequestError(f"{name} is none of {', '.join(words)}")
    return value
