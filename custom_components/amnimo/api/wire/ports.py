"""The ports of a device (API document, section 6. デバイス, デバイスのポート状態取得).

Known are `data` and `summary`, that a port has an identifier, and that it can be off or on;
all names are assumed, and so is where in `data` the ports lie.
"""

from __future__ import annotations

from collections.abc import Iterator
import re
from typing import Any

from ..models import Port, PortKind
from .reading import (
    DEEPEST,
    WRAPPERS,
    Fields,
    fields_of,
    is_uuid,
    number_in,
    object_in,
    text_in,
    with_identifier,
)
from .states import SWITCHED, state_in

_IDENTIFIERS = (
    "portid",
    "id",
    "peripheralid",
    "port",
    "portnumber",
    "portno",
    "portnum",
    "portindex",
    "number",
    "no",
    "index",
    "portname",
    "name",
)
_KINDS = (
    "type",
    "porttype",
    "kind",
    "category",
    "peripheraltype",
    "direction",
    "mode",
    "iotype",
)
_STATES = (
    "status",
    "state",
    "portstatus",
    "portstate",
    "powerstatus",
    "powerstate",
    "poestatus",
    "poestate",
    "power",
    "value",
    "outputstate",
    "inputstate",
    "relaystate",
    "ison",
    "on",
    "enabled",
    "enable",
    "active",
    "level",
    "poe",
)
_MEASUREMENTS = ("power", "poe", "measurement", "measurements", "metrics")

_GROUPS = frozenset(
    "port ports portlist peripheral peripherals peripherallist interfaces io ios gpio".split()
)
"""Under these names lie ports. So they do under names that tell a kind of port."""
_NO_GROUPS = ("external", "equipment", "summary", "camera")
"""What is called so may name ports, but is none."""
_TELLTALES = frozenset(
    "portname portnumber portno porttype portstatus portstate peripheralid peripheraltype"
    " poestatus poestate".split()
)
"""What only a port has."""
_PORT_KEY = re.compile(
    r"(lan|eth|poe|port|di|do|din|dout|in|out|gpio|relay)[-_ ]?\d+", re.IGNORECASE
)

_INPUT = re.compile(
    r"(di|din|in|gpi|gpioin)\d*|input.*|digitalin.*|dinput.*|contactin.*|.*入力\d*"
)
_OUTPUT = re.compile(
    r"(do|dout|out|gpo|gpioout)\d*|output.*|digitalout.*|doutput.*|relay.*|contactout.*|.*出力\d*"
)
_POE = re.compile(r".*poe.*|(lan|eth)\d*|ethernet.*|.*給電.*")
_NOISE = re.compile(r"[\W_]+")


def ports(payload: Any) -> tuple[Port, ...]:
    """Read the ports of a device, however deep they lie."""
    found: dict[str, Port] = {}
    for fields, group in _port_objects(payload, "", True, 0):
        port = _port(fields, group)
        if port is not None:
            found.setdefault(port.id, port)
    return tuple(found.values())


def _port(fields: Fields, group: str) -> Port | None:
    identifier = text_in(fields, *_IDENTIFIERS)
    if identifier is None:
        return None
    name = text_in(fields, "name", "portname", "displayname", "label", "title")
    on, status = state_in(_without_watts(fields), SWITCHED, *_STATES)
    measured = _values({**object_in(fields, *_MEASUREMENTS), **fields})
    return Port(
        id=identifier,
        name=name or identifier,
        kind=_kind(*map(fields.get, _KINDS), group, identifier, name),
        on=on,
        status=status,
        voltage=number_in(
            measured, "voltage", "volt", "volts", "poevoltage", "outputvoltage", "v"
        ),
        power=number_in(
            measured,
            "watt",
            "watts",
            "wattage",
            "powerconsumption",
            "poewatt",
            "poepower",
            "outputpower",
            "consumedpower",
            "consumption",
            "w",
            "power",
        ),
    )


def _values(fields: Fields) -> Fields:
    """Return the fields with the number alone of each that has its unit beside it."""
    return {
        name: fields_of(item).get("value") if isinstance(item, dict) else item
        for name, item in fields.items()
    }


def _without_watts(fields: Fields) -> Fields:
    """Return the fields without the power, where that is not a word for a state."""
    power = fields.get("power")
    if isinstance(power, dict):
        watts = ("value", "watt", "watts")
        inner = {
            name: item for name, item in fields_of(power).items() if name not in watts
        }
        return {**fields, "power": inner}
    if isinstance(power, bool) or (isinstance(power, str) and power.isalpha()):
        return fields
    return {name: value for name, value in fields.items() if name != "power"}


def _kind(*hints: Any) -> PortKind:
    """Tell the kind from the first hint that says one."""
    for hint in hints:
        if not isinstance(hint, str):
            continue
        word = _NOISE.sub("", hint).casefold()
        if _POE.fullmatch(word):
            return PortKind.POE
        if _INPUT.fullmatch(word):
            return PortKind.INPUT
        if _OUTPUT.fullmatch(word):
            return PortKind.OUTPUT
    return PortKind.OTHER


def _port_objects(
    value: Any, group: str, sure: bool, depth: int
) -> Iterator[tuple[Fields, str]]:
    """Find the ports in a value, each with the name of the group it lies in.

    Args:
        value: any JSON.
        group: a name above it that tells the kind of port, if there was one.
        sure: whether this is a place where there are ports and nothing else.
        depth: how far down it lies.

    """
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _port_objects(item, group, sure, depth + 1)
        return
    if not isinstance(value, dict):
        return
    fields = fields_of(value)
    if text_in(fields, "portid") is not None:
        yield fields, group
        return
    keyed = {key: item for key, item in value.items() if _is_port_key(key, item)}
    if keyed:
        yield from ((_keyed_port(key, item), group) for key, item in keyed.items())
        return
    children = {
        name: child
        for name, child in fields.items()
        if isinstance(child, dict | list) and not name.startswith(_NO_GROUPS)
    }
    groups = {name: child for name, child in children.items() if _is_group(name, child)}
    kinds = (str(fields.get(name)) for name in _KINDS if name in fields)
    group = next((kind for kind in kinds if _kind(kind) is not PortKind.OTHER), group)
    found = False
    for name, child in (groups or children).items():
        said = name if _kind(name) is not PortKind.OTHER else group
        there = name in groups or (sure and name in WRAPPERS)
        for port in _port_objects(child, said, there, depth + 1):
            found = True
            yield port
    if groups or found:
        return
    if _is_port(fields, sure):
        yield fields, group
    elif sure and depth and all(isinstance(item, dict) for item in value.values()):
        yield from ((_keyed_port(key, item), group) for key, item in value.items())


def _is_port(fields: Fields, sure: bool) -> bool:
    """Return whether an object is a port, and not for example the device around it."""
    hints = (*map(fields.get, _KINDS), fields.get("id"), fields.get("name"))
    if not _TELLTALES.isdisjoint(fields) or _kind(*hints) is not PortKind.OTHER:
        return text_in(fields, *_IDENTIFIERS) is not None
    if not sure or text_in(fields, *_IDENTIFIERS) is None:
        return False
    return "deviceid" not in fields or text_in(fields, *_IDENTIFIERS[:-1]) is not None


def _is_group(name: str, child: Any) -> bool:
    """Return whether a name says that there are ports in what it names."""
    if name not in _GROUPS and _kind(name) is PortKind.OTHER:
        return False
    # `poe: {enabled: true}` belongs to the one port that it lies in, and `poe: {}` is a group of
    # no ports.
    return (
        isinstance(child, list)
        or not child
        or any(isinstance(item, dict | list) for item in child.values())
    )


def _is_port_key(key: str, item: Any) -> bool:
    """Return whether a key is the identifier of a port rather than a name of something."""
    if isinstance(item, list):
        return False
    return _PORT_KEY.fullmatch(key) is not None or (
        is_uuid(key) and isinstance(item, dict)
    )


def _keyed_port(key: str, item: Any) -> Fields:
    if isinstance(item, dict):
        return fields_of(with_identifier(key, item))
    return {"id": key, "status": item}
