"""A small integration in which nothing is wrong, to be broken a line at a time."""

from __future__ import annotations

from pathlib import Path

from script.checks.quality_scale import ALL_RULES
from script.checks.tree import Tree

HOUSE = "custom_components/amnimo/"

_EXEMPT = "    status: exempt\n    comment: Nothing is discovered.\n"
_RULES = "".join(
    f"  {rule}:\n{_EXEMPT}" if rule == "discovery" else f"  {rule}: done\n"
    for rule in sorted(ALL_RULES)
)

_EN = """{
  "common": {"browse_clips": "Clips"},
  "config": {
    "abort": {"already_configured": "Already there."},
    "error": {"cannot_connect": "Out of reach.", "unexpected_response": "Unexpected."},
    "step": {
      "user": {
        "title": "Connect",
        "data": {"client_id": "Client"},
        "data_description": {"client_id": "Issued by amnimo."},
        "sections": {
          "advanced": {
            "name": "Advanced",
            "data": {"api_url": "Address"},
            "data_description": {"api_url": "Of the service."}
          }
        }
      }
    }
  },
  "options": {
    "step": {
      "init": {
        "data": {"camera_interval": "Interval"},
        "data_description": {"camera_interval": "In seconds."}
      }
    }
  },
  "entity": {
    "event": {
      "media": {
        "name": "Media",
        "state_attributes": {"event_type": {"state": {"clip_ready": "Clip ready"}}}
      }
    },
    "sensor": {
      "port_power": {"name": "{port} power"},
      "tokens": {"name": "Tokens"}
    }
  },
  "exceptions": {
    "cannot_connect": {"message": "Out of reach."},
    "unexpected_response": {"message": "Unexpected."},
    "clip_too_long": {"message": "At most {hours} hours."},
    "browse_gone": {"message": "{title} is gone."},
    "port_off": {"message": "Port {number} is off."},
    "live_offline": {"message": "Offline."},
    "media_deleted": {"message": "Deleted."}
  },
  "issues": {
    "tenant_gone": {
      "title": "Gone",
      "fix_flow": {
        "abort": {"not_loaded": "Not loaded."},
        "error": {
          "cannot_connect": "Out of reach.",
          "unexpected_response": "Unexpected.",
          "still_gone": "Still gone."
        },
        "step": {"confirm": {"title": "Remove it"}}
      }
    },
    "tokens_scarce": {"title": "Few tokens", "description": "Few are left."}
  },
  "selector": {"category": {"options": {"clip": "Clip"}}},
  "services": {
    "search": {
      "name": "Search",
      "description": "Searches.",
      "fields": {
        "category": {"name": "Category", "description": "What to search."},
        "limit": {"name": "Limit", "description": "How many."}
      }
    }
  },
  "triggers": {
    "ready": {"name": "Ready", "description": "When ready."}
  },
  "conditions": {
    "is_ready": {"name": "Is ready", "description": "If ready."}
  },
  "system_health": {"info": {"tokens": "Tokens"}}
}
"""

_JAPANESE = {
    "Address": "アドレス",
    "Advanced": "詳細",
    "Already there.": "登録済みです。",
    "At most {hours} hours.": "最長{hours}時間です。",
    "Category": "種類",
    "Client": "クライアント",
    "Clip ready": "クリップ完成",
    "Clip": "クリップ",
    "Clips": "クリップ",
    "Connect": "接続",
    "Deleted.": "削除されました。",
    "Few are left.": "残りわずかです。",
    "Few tokens": "トークン不足",
    "Gone": "消失",
    "How many.": "件数。",
    "If ready.": "完成していれば。",
    "In seconds.": "秒単位。",
    "Interval": "間隔",
    "Is ready": "完成済み",
    "Issued by amnimo.": "amnimoが発行。",
    "Limit": "上限",
    "Media": "メディア",
    "Not loaded.": "読み込まれていません。",
    "Of the service.": "サービスのもの。",
    "Offline.": "オフラインです。",
    "Out of reach.": "接続できません。",
    "Port {number} is off.": "ポート{number}はオフです。",
    "Ready": "完成",
    "Remove it": "削除",
    "Search": "検索",
    "Searches.": "検索します。",
    "Still gone.": "まだありません。",
    "Tokens": "トークン",
    "Unexpected.": "想定外です。",
    "What to search.": "検索対象。",
    "When ready.": "完成したとき。",
    "{port} power": "{port} 電力",
    "{title} is gone.": "{title}はもうありません。",
}


def _translated(text: str) -> str:
    for english, japanese in _JAPANESE.items():
        text = text.replace(f': "{english}"', f': "{japanese}"')
    return text


_FILES = {
    "hacs.json": '{"name": "amnimo", "homeassistant": "2026.10.4"}',
    "README.md": "`amnimo.search` searches, `ready` begins, `is_ready` decides.",
    "script/test": """
pytest --cov --cov-fail-under=95
coverage report --include=custom_components/amnimo/config_flow.py --fail-under=100
""",
    "setup.cfg": "[mypy]\nstrict = true\n",
    HOUSE + "api/py.typed": "",
    HOUSE + "brand/icon.png": "",
    HOUSE + "brand/logo.png": "",
    HOUSE + "quality_scale.yaml": f"rules:\n{_RULES}",
    HOUSE + "translations/en.json": _EN,
    HOUSE + "translations/ja.json": _translated(_EN),
    HOUSE + "manifest.json": """{
  "domain": "amnimo",
  "name": "amnimo",
  "codeowners": ["@owner"],
  "config_flow": true,
  "dependencies": ["http", "stream"],
  "documentation": "https://github.com/owner/amnimo",
  "integration_type": "hub",
  "iot_class": "cloud_polling",
  "issue_tracker": "https://github.com/owner/amnimo/issues",
  "requirements": ["amnimo==1.0.0"],
  "version": "1.0.0"
}
""",
    HOUSE + "icons.json": """{
  "entity": {
    "event": {"media": {"default": "mdi:filmstrip"}},
    "sensor": {"tokens": {"default": "mdi:key"}}
  },
  "services": {"search": {"service": "mdi:magnify"}},
  "triggers": {"ready": {"trigger": "mdi:check"}},
  "conditions": {"is_ready": {"condition": "mdi:check"}}
}
""",
    HOUSE + "services.yaml": """
search:
  target:
    entity:
      domain: camera
  fields:
    category:
      required: true
      example: clip
      selector:
        select:
          translation_key: category
          options:
            - clip
    limit:
      default: 100
      selector:
        number:
          min: 1
          max: 500
""",
    HOUSE + "triggers.yaml": """
.target: &target
  entity:
    domain: event
ready:
  target: *target
""",
    HOUSE
    + "conditions.yaml": "is_ready:\n  target:\n    entity:\n      domain: event\n",
    HOUSE + "trigger.py": 'TRIGGERS = {"ready": object}\n',
    HOUSE + "condition.py": 'CONDITIONS = {"is_ready": object}\n',
    HOUSE + "__init__.py": '''
async def async_setup(hass, config):
    async_setup_actions(hass)


async def async_setup_entry(hass, entry):
    await coordinator.async_config_entry_first_refresh()


async def async_unload_entry(hass, entry):
    """Unload."""


async def async_remove_config_entry_device(hass, entry, device):
    """Remove."""
''',
    HOUSE + "actions.py": """
ACTION_SEARCH: Final = "search"
ATTR_CATEGORY: Final = "category"
ATTR_LIMIT: Final = "limit"

_FIELDS = {vol.Optional(ATTR_LIMIT, default=100): int}
_SCHEMA = vol.Schema({**_FIELDS, vol.Required(ATTR_CATEGORY): str})


def async_setup_actions(hass):
    hass.services.async_register(DOMAIN, ACTION_SEARCH, _search, _SCHEMA)
""",
    HOUSE + "config_flow.py": """
class Flow:
    async def async_step_user(self, user_input=None):
        self._abort_if_unique_id_configured()
        schema = {vol.Required(CONF_CLIENT_ID): str, vol.Required(SECTION): ADVANCED}
        return self.async_show_form(step_id="user")

    async def async_step_reauth(self, data):
        return await self.async_step_user()

    async def async_step_reconfigure(self, data):
        return await self.async_step_user()

    async def async_step_init(self, user_input=None):
        for key, default, least, most in [(CAMERA_INTERVAL, 60, 30, 3600)]:
            fields[vol.Required(key, default=default)] = number(least, most)


CAMERA_INTERVAL = "camera_interval"
SECTION = section(vol.Schema({vol.Required("api_url"): str}))
""",
    HOUSE + "errors.py": """
_KEYS: dict[type, str] = {ConnectionError: "cannot_connect"}


def error_key(err):
    return _KEYS.get(type(err), "unexpected_response")
""",
    HOUSE + "entity.py": """
class AmnimoEntity(CoordinatorEntity[Coordinator]):
    _attr_has_entity_name = True

    def _name_placeholders(self):
        return {"port": self.port.name}
""",
    HOUSE + "sensor.py": """
PARALLEL_UPDATES = 0

TYPES = (
    SensorEntityDescription(
        key="power", translation_key="port_power", device_class=POWER
    ),
    SensorEntityDescription(key="tokens", translation_key="tokens"),
)


class AmnimoSensor(AmnimoEntity, SensorEntity):
    def turn(self):
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="port_off",
            translation_placeholders={"number": 1},
        )
""",
    HOUSE + "event.py": """
PARALLEL_UPDATES = 0


class AmnimoEvent(AmnimoEntity, EventEntity):
    _attr_translation_key = "media"
    _attr_event_types = ["clip_ready"]
""",
    HOUSE + "diagnostics.py": """
async def async_get_config_entry_diagnostics(hass, entry):
    return {}
""",
    HOUSE + "issues.py": """
class IssueKind(StrEnum):
    TENANT_GONE = "tenant_gone"
    TOKENS_SCARCE = "tokens_scarce"
""",
    HOUSE + "repairs.py": """
async def async_create_fix_flow(hass, issue_id, data):
    return TenantGoneFlow()


class TenantGoneFlow:
    async def async_step_confirm(self, user_input=None):
        if not self.loaded:
            return self.async_abort(reason="not_loaded")
        return self.async_show_form(errors={"base": "still_gone"})
""",
    HOUSE + "system_health.py": """
async def async_figures(hass):
    return {"tokens": 1}
""",
    HOUSE + "live/errors.py": """
class Reason(StrEnum):
    OFFLINE = "live_offline"
""",
    HOUSE + "media/job.py": '''
class MediaFailure(StrEnum):
    DELETED = "deleted"


def failure(reason):
    """Not media_made."""
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=f"media_{reason}"
    )
''',
    HOUSE + "media/request.py": """
def clip():
    raise _invalid("clip_too_long", hours="24")


def _invalid(key, **placeholders):
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )
""",
    HOUSE + "browse.py": """
class BrowseProblem(Exception):
    def __init__(self, key, **placeholders):
        self.key = key


def title(key):
    return texts[f"component.{DOMAIN}.common.browse_{key}"]


def browse():
    if not found:
        raise BrowseProblem("browse_gone", title=title("clips"))
""",
}


def build(root: Path) -> Tree:
    """Write the house below a folder."""
    for name, content in _FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return Tree(root)
