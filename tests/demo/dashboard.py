"""The dashboard of the demo, made of what the registries hold.

Owns the layout. Pure but for `publish`: the same home gives the same dashboard.
"""

from typing import Any, Final

from .api import HomeAssistantApi
from .home import Device, Entity, Home
from .onboarding import Language
from .texts import TEXTS, Texts

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

HISTORY_HOURS: Final = 6


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
            cards = [live_card(camera) for camera in cameras]
            sections.append(
                section(heading(owner.name, "mdi:domain"), *cards, wide=True)
            )
    return view(texts.live, "live", "mdi:cctv", sections, texts.live_hint)


def live_card(camera: Device) -> Card:
    """Show one camera live, with its connection and whether it records."""
    entities = camera.of("binary_sensor", "running")
    entities += camera.of("binary_sensor", "connectivity")
    return {
        "type": "picture-glance",
        "title": camera.name,
        "camera_image": camera.of("camera")[0].entity_id,
        "camera_view": "live",
        "aspect_ratio": "16:9",
        "entities": [{"entity": entity.entity_id} for entity in entities],
        "grid_options": {"columns": 12, "rows": "auto"},
    }


def ports_view(home: Home, texts: Texts) -> View:
    """Show the ports of each edge device, with what hangs on them."""
    sections = [
        ports_section(device, texts)
        for device in sorted(home.edge_devices, key=lambda device: device.name)
    ]
    return view(texts.ports, "ports", "mdi:ethernet", sections, texts.ports_hint)


def ports_section(device: Device, texts: Texts) -> Card:
    """Show one edge device."""
    cards: list[Card] = [heading(device.name, "mdi:router-network", device.model)]
    for switch in device.of("switch"):
        cards += port_cards(device, switch, texts)
    inputs = [entity for entity in device.of("binary_sensor") if entity.kind is None]
    if inputs:
        cards.append(subheading(texts.inputs))
        cards += [tile(entity, OWN_NAME, 6) for entity in inputs]
    equipment = device.of("binary_sensor", "connectivity")
    if equipment:
        cards.append(subheading(texts.equipment))
        cards += [tile(entity, OWN_NAME, 12) for entity in equipment]
    return section(*cards)


def port_cards(device: Device, switch: Entity, texts: Texts) -> list[Card]:
    """Show one port with its reset button beside it."""
    cards = [
        {
            **tile(switch, OWN_NAME, 8),
            "features": [{"type": "toggle"}],
            "features_position": "inline",
        }
    ]
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
                    **tile(button, texts.reset, 4),
                    "hide_state": True,
                    "icon": "mdi:restart",
                    "tap_action": press,
                    "icon_tap_action": press,
                }
            )
    return cards


def footage_view(home: Home, texts: Texts) -> View:
    """Show the newest thumbnails, and make and find clips."""
    pictures = [
        {
            "type": "picture-entity",
            "entity": image.entity_id,
            "name": camera.name,
            "show_state": True,
            "aspect_ratio": "16:9",
            "grid_options": {"columns": 6, "rows": "auto"},
        }
        for camera in home.cameras
        for image in camera.of("image")
    ]
    results = [
        {
            **tile(event, DEVICE_NAME, 12),
            "state_content": ["state", "name", "event_type"],
        }
        for camera in home.cameras
        for event in camera.of("event")
    ]
    shortcut = {
        "type": "button",
        "name": texts.open_media,
        "icon": "mdi:play-box-multiple",
        "show_state": False,
        "tap_action": {
            "action": "navigate",
            "navigation_path": "/media-browser/browser",
        },
        "grid_options": {"columns": 12, "rows": 2},
    }
    sections = [
        section(heading(texts.thumbnails, "mdi:image-multiple"), *pictures),
        section(
            heading(texts.keep_clip, "mdi:filmstrip"),
            *(clip_card(camera, texts) for camera in home.cameras),
        ),
        section(heading(texts.results, "mdi:movie-check"), *results, shortcut),
    ]
    return view(
        texts.footage,
        "footage",
        "mdi:filmstrip-box-multiple",
        sections,
        texts.keep_clip_hint,
    )


def clip_card(camera: Device, texts: Texts) -> Card:
    """Offer to keep the last minute of one camera."""
    entity = camera.of("camera")[0]
    keep = {
        "action": "perform-action",
        "perform_action": "amnimo.generate_clip",
        "target": {"entity_id": entity.entity_id},
        "data": {"last": {"minutes": 1}, "download": True, "wait": False},
    }
    return {
        **tile(entity, camera.name, 12),
        "icon": "mdi:content-save-move",
        "state_content": texts.keep_minute,
        "tap_action": keep,
        "icon_tap_action": keep,
    }


def account_view(home: Home, texts: Texts) -> View:
    """Show how much of the service's limits is used, and what happened."""
    connections = [
        entity
        for camera in home.cameras
        for entity in camera.of("binary_sensor", "connectivity")
    ]
    usage = [tile(entity, OWN_NAME, 12) for entity in home.account.of("sensor")]
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
                "grid_options": {"columns": 12, "rows": 8},
            },
        ),
    ]
    return view(texts.account, "account", "mdi:account-cog", sections)


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
