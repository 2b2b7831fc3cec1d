"""The dashboard of the demo, made of what the registries hold.

Owns the layout. Pure but for `publish`: the same home gives the same dashboard.
"""

from typing import Any, Final

from .api import HomeAssistantApi
from .home import Device, Entity, Home
from .texts import TEXTS, Texts
from .visitor import Language

type Card = dict[str, Any]
type View = dict[str, Any]

URL_PATH: Final = "amnimo"
TITLE: Final = "amnimo"
ICON: Final = "mdi:cctv"

# A section is as wide as a camera's picture is useful; three fit on a usual screen.
COLUMNS: Final = 3

# What a card calls an entity under a heading that names its device already.
OWN_NAME: Final = {"type": "entity"}
DEVICE_NAME: Final = {"type": "device"}

HISTORY_HOURS: Final = 1

# What the service issues to a client ID in a month.
TOKENS_A_MONTH: Final = 1_000


async def publish(api: HomeAssistantApi, home: Home, language: Language) -> None:
    """Store the dashboard and make it the one that opens first."""
    dashboards = await api.command("lovelace/dashboards/list")
    if not any(each["url_path"] == URL_PATH for each in dashboards):
        await api.command(
            "lovelace/dashboards/create",
            url_path=URL_PATH,
            allow_single_word=True,
            title=TITLE,
            icon=ICON,
            show_in_sidebar=True,
            require_admin=False,
        )
    await api.command(
        "lovelace/config/save", url_path=URL_PATH, config=build(home, TEXTS[language])
    )
    await api.command(
        "frontend/set_system_data", key="core", value={"default_panel": URL_PATH}
    )


def build(home: Home, texts: Texts) -> dict[str, Any]:
    """Lay out the dashboard."""
    return {
        "title": TITLE,
        "views": [
            live_view(home, texts),
            ports_view(home, texts),
            footage_view(home, texts),
            account_view(home, texts),
        ],
    }


def live_view(home: Home, texts: Texts) -> View:
    """Show all cameras live, by tenant."""
    sections = []
    for owner in home.owners():
        cameras = [each for each in home.cameras if home.owner_of(each) is owner]
        if cameras:
            sections.append(section(heading(owner.name, "mdi:domain"), wide=True))
            sections += [live_section(camera) for camera in cameras]
    return view(texts.live, "live", "mdi:cctv", sections, texts.live_hint)


def live_section(camera: Device) -> Card:
    """Show one camera live, below its name, its connection and whether it records."""
    # At this size, the icon of a recording camera is but a dot.
    icons = {"running": "mdi:record", "connectivity": None}
    badges = [
        {
            "type": "entity",
            "entity": entity.entity_id,
            "show_state": False,
            "color": "state",
            **({"icon": icon} if icon else {}),
        }
        for kind, icon in icons.items()
        for entity in camera.of("binary_sensor", kind)
    ]
    return section(
        {**subheading(camera.name), "badges": badges},
        {
            "type": "picture-entity",
            "entity": camera.of("camera")[0].entity_id,
            "camera_view": "live",
            "show_name": False,
            "show_state": False,
            "aspect_ratio": "16:9",
            "grid_options": {"columns": 12, "rows": "auto"},
        },
    )


def ports_view(home: Home, texts: Texts) -> View:
    """Show the ports of each edge device, with what hangs on them."""
    sections = [ports_section(device, texts) for device in home.edge_devices]
    return view(texts.ports, "ports", "mdi:ethernet", sections, texts.ports_hint)


def ports_section(device: Device, texts: Texts) -> Card:
    """Show one edge device."""
    cards: list[Card] = [heading(device.name, "mdi:router-network", device.model)]
    for switch in sorted(device.of("switch"), key=_poe_first):
        cards += port_cards(device, switch, texts)
    inputs = [entity for entity in device.of("binary_sensor") if entity.kind is None]
    if inputs:
        cards.append(subheading(texts.inputs))
        cards += [tile(entity, OWN_NAME, 6) for entity in inputs]
    equipment = device.of("binary_sensor", "connectivity")
    if equipment:
        cards.append(subheading(texts.equipment))
        cards += [tile(entity, OWN_NAME, 6) for entity in equipment]
    return section(*cards)


def _poe_first(switch: Entity) -> tuple[str, str]:
    """Order ports: those that feed something before mere outputs, each by number."""
    return switch.key or "", switch.unique_id


def port_cards(device: Device, switch: Entity, texts: Texts) -> list[Card]:
    """Show one port with its reset button beside it."""
    cards = [tile(switch, OWN_NAME, 9)]
    for button in device.of("button"):
        if button.unique_id.startswith(f"{switch.unique_id}_"):
            press = {
                "action": "perform-action",
                "perform_action": "button.press",
                "target": {"entity_id": button.entity_id},
                "confirmation": {"text": texts.reset_question},
            }
            cards.append(
                {
                    "type": "button",
                    "entity": button.entity_id,
                    "name": texts.reset,
                    "show_icon": False,
                    "show_state": False,
                    "tap_action": press,
                    "grid_options": {"columns": 3, "rows": 1},
                }
            )
    return cards


def footage_view(home: Home, texts: Texts) -> View:
    """Show the newest thumbnails, and make and find clips."""
    pictures = [
        {
            "type": "picture-entity",
            "entity": image.entity_id,
            "show_name": False,
            "show_state": False,
            "aspect_ratio": "16:9",
            "grid_options": {"columns": 6, "rows": "auto"},
        }
        for camera in home.cameras
        for image in camera.of("image")
    ]
    results = [
        result_card(event) for camera in home.cameras for event in camera.of("event")
    ]
    sections = [
        section(heading(texts.thumbnails, "mdi:image-multiple"), *pictures),
        section(
            heading(texts.keep_clip, "mdi:filmstrip"),
            *(clip_card(camera) for camera in home.cameras),
            subheading(texts.results),
            *results,
            media_card(texts),
        ),
    ]
    return view(
        texts.footage,
        "footage",
        "mdi:filmstrip-box-multiple",
        sections,
        texts.footage_hint,
    )


def clip_card(camera: Device) -> Card:
    """Offer to keep the last minute of one camera."""
    keep = {
        "action": "perform-action",
        "perform_action": "amnimo.generate_clip",
        "target": {"entity_id": camera.of("camera")[0].entity_id},
        "data": {"last": {"minutes": 1}, "download": True, "wait": False},
    }
    return {
        **tile(camera.of("camera")[0], camera.name, 6),
        "icon": "mdi:content-save-move",
        "tap_action": keep,
        "icon_tap_action": keep,
    }


def result_card(event: Entity) -> Card:
    """Show the newest clip or snapshot of one camera, once there is one."""
    return {
        **tile(event, DEVICE_NAME, 12),
        "state_content": ["event_type", "name", "state"],
        "visibility": [
            {"condition": "state", "entity": event.entity_id, "state_not": each}
            for each in ("unknown", "unavailable")
        ],
    }


def media_card(texts: Texts) -> Card:
    """Lead to the files."""
    return {
        "type": "button",
        "name": texts.open_media,
        "show_icon": False,
        "show_state": False,
        "tap_action": {
            "action": "navigate",
            "navigation_path": "/media-browser/browser",
        },
        "grid_options": {"columns": 12, "rows": 1},
    }


def account_view(home: Home, texts: Texts) -> View:
    """Show how much of the service's limits is used, and what happened."""
    connections = [
        entity
        for camera in home.cameras
        for entity in camera.of("binary_sensor", "connectivity")
    ]
    usage = [usage_card(entity) for entity in home.account.of("sensor")]
    sections = [
        section(heading(texts.usage, "mdi:gauge", home.account.name), *usage),
        section(
            heading(texts.connections, "mdi:lan-connect"),
            {
                "type": "history-graph",
                "hours_to_show": HISTORY_HOURS,
                "entities": [
                    {"entity": entity.entity_id, "name": DEVICE_NAME}
                    for entity in connections
                ],
                "grid_options": {"columns": 12, "rows": "auto"},
            },
        ),
        section(
            heading(texts.activity, "mdi:format-list-bulleted"),
            {
                "type": "logbook",
                "hours_to_show": HISTORY_HOURS,
                "target": {
                    "entity_id": [
                        entity.entity_id
                        for platform in ("switch", "event", "binary_sensor")
                        for entity in home.entities(platform)
                    ]
                },
                "grid_options": {"columns": 12, "rows": 6},
            },
        ),
    ]
    return view(texts.account, "account", "mdi:account-cog", sections)


def usage_card(entity: Entity) -> Card:
    """Show a count, and how far that of the tokens is from its limit."""
    card = tile(entity, OWN_NAME, 12)
    if entity.key == "tokens":
        card["features"] = [{"type": "bar-gauge", "min": 0, "max": TOKENS_A_MONTH}]
        card["grid_options"]["rows"] = 2
    return card


def view(
    title: str, path: str, icon: str, sections: list[Card], hint: str | None = None
) -> View:
    """Make a view of sections, with a line that says what it is for."""
    header: Card = {
        "header": {
            "layout": "start",
            "card": {"type": "markdown", "text_only": True, "content": hint},
        }
    }
    return {
        "type": "sections",
        "title": title,
        "path": path,
        "icon": icon,
        "show_icon_and_title": True,
        "max_columns": COLUMNS,
        "sections": sections,
        **(header if hint else {}),
    }


def section(*cards: Card, wide: bool = False) -> Card:
    """Make a section; a wide one takes the whole width and lays cards side by side."""
    return {
        "type": "grid",
        "cards": list(cards),
        **({"column_span": COLUMNS} if wide else {}),
    }


def heading(text: str, icon: str, detail: str | None = None) -> Card:
    """Head a section."""
    words = text if detail is None or detail in text else f"{text} · {detail}"
    return {"type": "heading", "heading": words, "heading_style": "title", "icon": icon}


def subheading(text: str) -> Card:
    """Head a part of a section."""
    return {"type": "heading", "heading": text, "heading_style": "subtitle"}


def tile(entity: Entity, name: Any, columns: int) -> Card:
    """Show an entity in a tile, a section being 12 columns wide."""
    return {
        "type": "tile",
        "entity": entity.entity_id,
        "name": name,
        "grid_options": {"columns": columns, "rows": 1},
    }
