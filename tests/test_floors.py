"""The floors of the house: who may know whom.

`api` knows nothing above it; `live` and `media` know `api` and Home Assistant's helpers;
coordinators know `api`; platforms know entity, coordinator, live and media; nobody imports a
platform, nor anything else that Home Assistant asks for by its name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
import sys

import pytest

PROJECT = Path(__file__).parent.parent
HOUSE = PROJECT / "custom_components" / "amnimo"
PACKAGE = ("custom_components", "amnimo")
ENTRANCE = "__init__"

PLATFORMS = frozenset(
    "binary_sensor button camera event image intent media_source sensor switch".split()
)
CALLED_BY_NAME = PLATFORMS | frozenset(
    "condition config_flow diagnostics llm repairs system_health trigger".split()
)
"""What Home Assistant loads by itself, and nobody else."""
BASE = frozenset({"api", "const", "errors"})
"""What everybody above `api` may know."""
PARTS = BASE | {
    "coordinator",
    "entity_budget",
    "hub",
    "live",
    "media",
    "runtime",
    "tenants",
}
"""What the parts of an entry may know, besides each other."""

KNOWN: dict[str, frozenset[str]] = {
    "api": frozenset(),
    "const": frozenset(),
    "errors": frozenset({"api", "const"}),
    "hub": BASE,
    "live": BASE,
    "media": BASE,
    "runtime": BASE,
    "coordinator": BASE | {"runtime"},
    "entity_budget": frozenset(),
    "entity": BASE | {"coordinator", "entity_budget", "runtime"},
    "tenants": BASE,
    "config_flow": BASE | {"hub", "runtime", "tenants"},
}
"""By the name of a package or file: whom it may know, besides itself."""

ROOMS: dict[str, dict[str, frozenset[str]]] = {
    "coordinator": {
        "states": frozenset(),
        "contexts": frozenset({"states"}),
        "selective": frozenset(),
        "cameras": frozenset({"contexts", "selective", "states"}),
        "sweep": frozenset(),
        "ports": frozenset({"cameras", "contexts", "selective", "states", "sweep"}),
        ENTRANCE: frozenset({"cameras", "contexts", "ports", "states"}),
    },
}
"""By the name of a package: which of its files each of them may know."""

LIBRARIES: dict[str, frozenset[str]] = {
    "api": frozenset({"aiohttp"}),
    "const": frozenset({"homeassistant"}),
}
"""What other than Python's own may be used where that is restricted."""


@dataclass(frozen=True, slots=True)
class Import:
    """An import of something in the house, or of a library."""

    name: str
    """Of the package or file at the top of the house, or of the library."""
    inside: bool
    line: int
    for_types: bool
    room: str = ENTRANCE
    """Of the file in a package at the top of the house."""


def imports(source: str, place: Path) -> Iterator[Import]:
    """Yield what a file imports, wherever in it, but Python's own."""
    tree = ast.parse(source)
    typed = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        for target in targets(node, place):
            for_types = id(node) in typed
            line = getattr(node, "lineno", 0)
            if target[:2] == PACKAGE:
                name = target[2] if len(target) > 2 else ENTRANCE
                room = target[3] if len(target) > 3 else ENTRANCE
                yield Import(name, True, line, for_types, room)
            elif target[0] not in sys.stdlib_module_names:
                yield Import(target[0], False, line, for_types)


def targets(node: ast.AST, place: Path) -> list[tuple[str, ...]]:
    """Return the full names that a statement imports, for a file at a place in the house."""
    if isinstance(node, ast.Import):
        return [tuple(alias.name.split(".")) for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base: tuple[str, ...] = ()
    if node.level:
        here = (*PACKAGE, *place.parts[:-1])
        base = here[: len(here) - node.level + 1]
    base += tuple((node.module or "").split(".")) if node.module else ()
    if base == PACKAGE:
        return [(*base, alias.name) for alias in node.names]
    return [base]


def floor(place: Path) -> str:
    """Return the package or file at the top of the house that a file belongs to."""
    return place.parts[0] if len(place.parts) > 1 else place.stem


def allowed(name: str) -> frozenset[str]:
    """Return whom a package or file may know."""
    if name in KNOWN:
        return KNOWN[name] | {name}
    everything = {floor(path) for path in files()} - CALLED_BY_NAME - {ENTRANCE}
    if name == ENTRANCE:
        return frozenset(everything)
    # What Home Assistant looks for by its name, and parts of an entry without a floor of
    # their own.
    others = PARTS | (everything - KNOWN.keys()) | {"entity"}
    return others - {"hub"} | {name} if name in PLATFORMS else others


def complaints(source: str, place: Path) -> list[str]:
    """Return what a file imports though it may not."""
    name = floor(place)
    found: list[str] = []
    for each in imports(source, place):
        if each.inside:
            # The record of what an entry owns names its parts, and needs none of them.
            only_named = name == "runtime" and each.for_types
            good = each.name in allowed(name) or (
                only_named and each.name not in CALLED_BY_NAME | {ENTRANCE}
            )
            if name in ROOMS and each.name == name:
                good = each.room in ROOMS[name].get(place.stem, ())
        else:
            good = name not in LIBRARIES or each.name in LIBRARIES[name]
        if not good:
            found.append(f"{place}:{each.line} imports {each.name}")
    return found


def files() -> list[Path]:
    """Return all source files of the house, relative to it."""
    return sorted(path.relative_to(HOUSE) for path in HOUSE.rglob("*.py"))


@pytest.fixture
def _real_world() -> None:
    """Nothing runs here."""


@pytest.mark.parametrize("place", files(), ids=str)
def test_a_file_knows_only_what_it_may(place: Path) -> None:
    assert complaints((HOUSE / place).read_text(encoding="utf-8"), place) == []


def test_all_floors_are_there() -> None:
    """A floor that was renamed would be held by nobody."""
    assert set(KNOWN) | CALLED_BY_NAME <= {floor(place) for place in files()}


@pytest.mark.parametrize("name", ROOMS)
def test_all_rooms_are_there(name: str) -> None:
    """A file that is none of them would be held by nobody."""
    assert set(ROOMS[name]) == {place.stem for place in files() if floor(place) == name}


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("api/client.py", "import homeassistant"),
        ("api/client.py", "from homeassistant.core import HomeAssistant"),
        ("api/client.py", "from ..const import DOMAIN"),
        ("api/client.py", "from custom_components.amnimo.const import DOMAIN"),
        ("api/client.py", "import yarl"),
        ("api/wire/ports.py", "from ...errors import translated"),
        ("api/auth.py", "def f():\n    from .. import hub"),
        ("live/relay.py", "from ..coordinator import CameraCoordinator"),
        ("live/relay.py", "from ..media.jobs import MediaJobs"),
        ("live/relay.py", "from ..runtime import AmnimoConfigEntry"),
        ("live/relay.py", "from .. import camera"),
        ("media/jobs.py", "from custom_components.amnimo.hub import AmnimoHub"),
        ("media/jobs.py", "import custom_components.amnimo.camera"),
        ("media/jobs.py", "from custom_components.amnimo import coordinator"),
        ("coordinator/cameras.py", "from ..entity import CameraEntity"),
        ("coordinator/ports.py", "from ..live.relay import LiveRelay"),
        ("coordinator/ports.py", "if TYPE_CHECKING:\n    from ..hub import AmnimoHub"),
        ("coordinator/selective.py", "from .ports import PortCoordinator"),
        ("coordinator/selective.py", "from ..coordinator.contexts import LISTED"),
        ("coordinator/cameras.py", "from .ports import PortCoordinator"),
        ("coordinator/sweep.py", "from .states import DeviceState"),
        ("coordinator/cameras.py", "from . import LocatedCamera"),
        ("entity.py", "from .live.relay import LiveRelay"),
        ("runtime.py", "from .coordinator import CameraCoordinator"),
        ("runtime.py", "if TYPE_CHECKING:\n    from .camera import AmnimoCamera"),
        ("const.py", "from .api import API_URL"),
        ("switch.py", "from .camera import AmnimoCamera"),
        ("switch.py", "from . import DOMAIN"),
        ("switch.py", "from .hub import AmnimoHub"),
        ("switch.py", "from .config_flow import AmnimoConfigFlow"),
        ("registry.py", "from .sensor import AmnimoSensor"),
        ("issues.py", "from .repairs import TenantGoneFlow"),
        ("targets.py", "from .trigger import CONF_OUTSIDE_ONLY"),
        ("voice/matching.py", "from ..llm import async_get_tools"),
        ("__init__.py", "from .config_flow import AmnimoConfigFlow"),
        ("actions.py", "from .camera import AmnimoCamera"),
        ("__init__.py", "from .switch import AmnimoSwitch"),
    ],
)
def test_a_wrong_import_is_found(place: str, source: str) -> None:
    assert len(complaints(source, Path(place))) == 1


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("api/client.py", "import asyncio, aiohttp\nfrom . import wire"),
        (
            "api/wire/ports.py",
            "from ..models import Port\nfrom .reading import text_in",
        ),
        (
            "live/relay.py",
            "from ..api import Lane\nfrom homeassistant.core import callback",
        ),
        ("media/jobs.py", "from custom_components.amnimo.api import Lane"),
        ("coordinator/ports.py", "from .contexts import LISTED"),
        ("coordinator/ports.py", "from ..api import Lane"),
        ("switch.py", "from .coordinator import PortKey"),
        ("runtime.py", "if TYPE_CHECKING:\n    from .live.relay import LiveRelay"),
        (
            "camera.py",
            "from .live.relay import LiveRelay\nfrom .entity import CameraEntity",
        ),
        ("__init__.py", "from .actions import async_setup_actions"),
    ],
)
def test_a_right_import_is_not_complained_of(place: str, source: str) -> None:
    assert complaints(source, Path(place)) == []


def test_no_file_is_a_collection_of_leftovers() -> None:
    folders = (PROJECT / name for name in ("custom_components", "tests", "script"))
    stems = {path.stem for folder in folders for path in folder.rglob("*.py")}
    assert stems.isdisjoint({"util", "utils", "helper", "helpers", "misc", "common"})
