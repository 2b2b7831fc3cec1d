"""Each check finds what it is for, says it in a sentence, and finds nothing where all is well."""

from __future__ import annotations

from pathlib import Path

import pytest

from script.checks.__main__ import faults

from .small_house import HOUSE, build


@pytest.fixture
def _real_world() -> None:
    """Nothing runs here."""


def test_nothing_is_wrong_with_the_small_house(tmp_path: Path) -> None:
    assert faults(build(tmp_path)) == []


EN = "translations/en.json"
JA = "translations/ja.json"


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        # The manifest.
        (
            "manifest.json",
            '  "version": "1.0.0"',
            '  "version": "new"',
            "manifest.json: version is no version, as 1.0.0 is",
        ),
        (
            "manifest.json",
            '"iot_class": "cloud_polling",\n  ',
            "",
            "manifest.json: iot_class is missing",
        ),
        (
            "manifest.json",
            '"cloud_polling"',
            '"cloud"',
            "manifest.json: iot_class is cloud, not one of assumed_state,",
        ),
        (
            "manifest.json",
            '"config_flow"',
            '"zeroconf_flow": 1, "config_flow"',
            "manifest.json: zeroconf_flow is not known",
        ),
        (
            "manifest.json",
            '"domain": "amnimo",\n  "name": "amnimo",',
            '"name": "amnimo",\n  "domain": "amnimo",',
            "manifest.json: the keys are not in order:",
        ),
        (
            "manifest.json",
            "amnimo==1.0.0",
            "amnimo>=1.0.0",
            "manifest.json: the requirement amnimo>=1.0.0 is not pinned to a version",
        ),
        (
            "manifest.json",
            "https://github.com/owner/amnimo/issues",
            "issues",
            "manifest.json: issue_tracker is no page of a repository",
        ),
        (
            "manifest.json",
            '["http", "stream"]',
            '["stream", "http"]',
            "manifest.json: dependencies are not in the order of the alphabet",
        ),
        (
            "manifest.json",
            '"@owner"',
            '"owner"',
            "manifest.json: codeowners are not names with an @",
        ),
        ("manifest.json", '"domain"', '"domain": "a", "domain"', "is there twice"),
        (
            "../../hacs.json",
            "2026.10.4",
            "new",
            "hacs.json: homeassistant is no version",
        ),
        (
            "../../hacs.json",
            '{"name"',
            '{"domain": 1, "name"',
            "hacs.json: domain is not",
        ),
        (
            "../../hacs.json",
            '{"name"',
            '{"zip_release": true, "name"',
            "hacs.json: zip_release is true, but filename names no zip",
        ),
        # The quality scale.
        (
            "quality_scale.yaml",
            "  brands: done\n",
            "",
            "quality_scale.yaml: brands is missing",
        ),
        (
            "quality_scale.yaml",
            "brands: done",
            "brands: todo",
            "quality_scale.yaml: brands is neither done nor exempt",
        ),
        (
            "quality_scale.yaml",
            "brands:",
            "logos: done\n  brands:",
            "quality_scale.yaml: logos is no rule",
        ),
        (
            "quality_scale.yaml",
            "Nothing is discovered.",
            '""',
            "quality_scale.yaml: discovery is exempt, but a comment does not say why",
        ),
        (
            "../../README.md",
            "amnimo.search",
            "amnimo.searches",
            "docs-actions is not done: README.md does not tell of search",
        ),
        (
            "../../README.md",
            "`ready`",
            "`it`",
            "docs-triggers is not done: README.md does not tell of ready",
        ),
        (
            "../../README.md",
            "`is_ready`",
            "`it is`",
            "docs-conditions is not done: README.md does not tell of is_ready",
        ),
        (
            "diagnostics.py",
            "return {}",
            'raise HomeAssistantError("No")',
            "exception-translations is not done: diagnostics.py raises HomeAssistantError",
        ),
        (
            "../../script/test",
            "--cov-fail-under=95",
            "--cov-fail-under=94",
            "test-coverage is not done: script/test is content with less than 95 %",
        ),
        (
            "../../script/test",
            "--fail-under=100",
            "--fail-under=99",
            "config-flow-test-coverage is not done: script/test does not ask for 100 %",
        ),
        (
            "event.py",
            "PARALLEL_UPDATES",
            "UPDATES",
            "parallel-updates is not done: event.py does not say PARALLEL_UPDATES",
        ),
        (
            "../../setup.cfg",
            "true",
            "false",
            "strict-typing is not done: setup.cfg does not make mypy strict",
        ),
        (
            "__init__.py",
            "async_unload_entry",
            "unload",
            "config-entry-unloading is not done: __init__.py has no async_unload_entry",
        ),
        (
            "__init__.py",
            "await coordinator",
            "async_setup_actions(hass); await coordinator",
            "action-setup is not done: async_setup_entry registers something",
        ),
        (
            "actions.py",
            "def async_setup",
            "hass.data[DOMAIN] = {}\n\n\ndef async_setup",
            "runtime-data is not done: actions.py keeps something",
        ),
        (
            "actions.py",
            "def async_setup",
            "session = ClientSession()\n\n\ndef async_setup",
            "inject-websession is not done: actions.py opens a session of its own",
        ),
        (
            "entity.py",
            "_attr_has_entity_name = True",
            "pass",
            "has-entity-name is not done: AmnimoEntity does not set",
        ),
        # The texts.
        (
            JA,
            '"上限"',
            '"Limit"',
            "ja.json: services.search.fields.limit.name is not tr",
        ),
        (JA, '"上限"', '""', "ja.json: services.search.fields.limit.name is empty"),
        (JA, '"上限"', '" 上限"', "begins or ends with a blank"),
        (JA, '"上限"', '"{上限"', "has a brace without its counterpart"),
        (JA, '"上限"', '"{limit}"', "has other placeholders than en.json"),
        (JA, '"上限"', '"[%key:x%]"', "refers to another text"),
        (JA, '"上限"', '"<b>上限</b>"', "holds HTML"),
        (JA, '"上限"', '"https://amnimo.com"', "holds an address"),
        (
            JA,
            '"{port} 電力"',
            "\"'{port}' 電力\"",
            "has a placeholder in single quotes",
        ),
        (
            JA,
            '"上限"',
            "1",
            "services.search.fields.limit.name is neither text nor obj",
        ),
        (JA, '"tokens": ', '"tokens_": ', "has a key that is not made of"),
        (JA, '"tokens": ', '"toks": ', "ja.json: entity.sensor.tokens.name is missing"),
        (JA, '"tokens": ', '"toks": ', "ja.json: entity.sensor.toks.name is not in en"),
        (EN, '"common"', '"commons"', "en.json: commons is no category"),
        (JA, "{", "[", "ja.json: translations/ja.json: "),
        # Entities.
        (
            "sensor.py",
            'translation_key="tokens"',
            'translation_key="token"',
            "sensor.py uses the translation key token, which en.json has not",
        ),
        (
            "sensor.py",
            'translation_key="tokens"',
            'translation_key="token"',
            "en.json: entity.sensor.tokens is used by no entity",
        ),
        (
            "entity.py",
            '"port"',
            '"ports"',
            "en.json: entity.sensor.port_power needs port, which nobody gives",
        ),
        (
            "event.py",
            '["clip_ready"]',
            '["clip_ready", "clip_failed"]',
            "en.json: entity.event does not name the event type clip_failed",
        ),
        (
            "event.py",
            '["clip_ready"]',
            "[]",
            "en.json: entity.event names clip_ready, which is no event type",
        ),
        # Icons.
        (
            "icons.json",
            '"tokens": {"default": "mdi:key"}',
            "",
            "icons.json: entity.sensor.tokens is missing",
        ),
        (
            "icons.json",
            "mdi:key",
            "key",
            "icons.json: entity.sensor.tokens.default is no",
        ),
        (
            "icons.json",
            '"tokens": {"default"',
            '"tokens": {"states"',
            "icons.json: entity.sensor.tokens has no default",
        ),
        (
            "icons.json",
            '"tokens":',
            '"refusals":',
            "icons.json: entity.sensor.refusals is used by no entity",
        ),
        ("icons.json", '"search"', '"find"', "icons.json: services.search is missing"),
        (
            "icons.json",
            '"search"',
            '"find"',
            "icons.json: services.find is not in en.json",
        ),
        (
            "icons.json",
            '{"trigger"',
            '{"triggers"',
            "icons.json: triggers.ready has no trigger",
        ),
        (
            "icons.json",
            '"conditions"',
            '"condition"',
            "icons.json: condition is not known",
        ),
        # Actions.
        (
            "services.yaml",
            "limit:",
            "limits:",
            "services.yaml: search.limits is known to the file only",
        ),
        (
            "services.yaml",
            "limit:",
            "limits:",
            "services.yaml: search.limit is known to the code only",
        ),
        (
            "services.yaml",
            "limit:",
            "limits:",
            "en.json: services.search does not name the field limits",
        ),
        (
            "services.yaml",
            "limit:",
            "limits:",
            "en.json: services.search names the field limit, which services.yaml has not",
        ),
        (
            "services.yaml",
            "      required: true\n",
            "",
            "services.yaml: search.category must say `required` as the code does",
        ),
        (
            "services.yaml",
            "number:",
            "numbers:",
            "services.yaml: search.limit has a selector that is none",
        ),
        (
            "services.yaml",
            "      default: 100\n",
            "",
            "services.yaml: search.limit has neither example nor default",
        ),
        (
            "services.yaml",
            "- clip",
            "- snapshot",
            (
                "services.yaml: search.category and en.json's selector.category do not agree"
                " on snapshot"
            ),
        ),
        (
            "services.yaml",
            "search:",
            "find:",
            "services.yaml: search is missing, which",
        ),
        (
            "services.yaml",
            "search:",
            "find:",
            "services.yaml: find is registered nowhere",
        ),
        ("services.yaml", "search:", "find:", "en.json: services.find is missing"),
        (
            "services.yaml",
            "search:",
            "find:",
            "en.json: services.search is not in services.yaml",
        ),
        (
            EN,
            '"description": "Searches.",',
            "",
            "en.json: services.search has no description",
        ),
        (
            EN,
            '"name": "Limit", ',
            "",
            "en.json: services.search.fields.limit has no name",
        ),
        # Triggers and conditions.
        (
            "trigger.py",
            '"ready"',
            '"done"',
            "triggers.yaml: ready is not in trigger.py",
        ),
        ("triggers.yaml", "\nready:", "\ndone:", "en.json: triggers.done is missing"),
        (
            "conditions.yaml",
            "is_ready:",
            "is_done:",
            "en.json: conditions.is_ready is not in conditions.yaml",
        ),
        # Exceptions.
        (
            "sensor.py",
            '"port_off"',
            '"port_on"',
            "sensor.py raises port_on, which en.json's exceptions have not",
        ),
        (
            "sensor.py",
            '"port_off"',
            '"port_on"',
            "en.json: exceptions.port_off is raised nowhere",
        ),
        (
            "sensor.py",
            '{"number": 1}',
            '{"name": 1}',
            "sensor.py raises port_off with name, but its sentence needs number",
        ),
        (
            "media/request.py",
            'hours="24"',
            "",
            (
                "media/request.py raises clip_too_long with nothing, but its sentence needs"
                " hours"
            ),
        ),
        (
            "browse.py",
            "title=title",
            "name=title",
            "browse.py raises browse_gone with name, but its sentence needs title",
        ),
        (
            "live/errors.py",
            '"live_offline"',
            '"live_gone"',
            "Reason has live_gone, but en.json's exceptions not live_gone",
        ),
        (
            "media/job.py",
            '"deleted"',
            '"refused"',
            "MediaFailure has refused, but en.json's exceptions not media_refused",
        ),
        (
            "media/job.py",
            "class MediaFailure",
            "class Failure",
            "no file has the enumeration MediaFailure",
        ),
        (
            EN,
            '"media_deleted"',
            '"media_made": {"message": "Made."}, "media_deleted"',
            "en.json: exceptions.media_made is raised nowhere",
        ),
        # Flows.
        (
            "config_flow.py",
            "CONF_CLIENT_ID",
            '"client"',
            "no form names the field client",
        ),
        (
            "config_flow.py",
            "CONF_CLIENT_ID",
            '"client"',
            "en.json: a form names the field client_id, which config_flow.py has not",
        ),
        (
            EN,
            '"data_description": {"api_url": "Of the service."}',
            '"description": "Of the service."',
            "en.json: config.step.user.sections.advanced does not explain the field api_url",
        ),
        (
            "config_flow.py",
            "async_step_init",
            "async_step_first",
            "en.json: options.step.init is no step of config_flow.py",
        ),
        (
            EN,
            '"error": {"cannot_connect"',
            '"error": {"no_tenants": "None.", "cannot_connect"',
            "en.json: config.error.no_tenants is used nowhere",
        ),
        (
            "errors.py",
            '"cannot_connect"',
            '"rate_limited"',
            "en.json: config.error.rate_limited is missing, which errors.py gives",
        ),
        # Issues.
        (
            "issues.py",
            '"tokens_scarce"',
            '"tokens_spent"',
            "en.json: issues.tokens_spent is missing",
        ),
        (
            "issues.py",
            '"tokens_scarce"',
            '"tokens_spent"',
            "en.json: issues.tokens_scarce is raised nowhere",
        ),
        (
            EN,
            ', "description": "Few are left."',
            "",
            "en.json: issues.tokens_scarce must have either a description or a fix_flow",
        ),
        (
            "repairs.py",
            "async_step_confirm",
            "async_step_ask",
            "en.json: issues.tenant_gone.fix_flow.step.confirm is no step of repairs.py",
        ),
        (
            "repairs.py",
            '"still_gone"',
            '"gone"',
            "en.json: issues.tenant_gone.fix_flow.error.still_gone is used nowhere",
        ),
        (
            "repairs.py",
            '"not_loaded"',
            '"away"',
            "en.json: issues.tenant_gone.fix_flow.abort.not_loaded is used nowhere",
        ),
        (
            "errors.py",
            '"cannot_connect"',
            '"rate_limited"',
            "en.json: issues.tenant_gone.fix_flow.error.rate_limited is missing",
        ),
        # System health, and files that can't be read.
        (
            "system_health.py",
            '"tokens"',
            '"refusals"',
            "en.json: system_health.info.refusals is known to the code only",
        ),
        (
            "system_health.py",
            '"tokens"',
            '"refusals"',
            "en.json: system_health.info.tokens is known to en.json only",
        ),
        ("sensor.py", "TYPES = (", "TYPES = ((", "sensor.py is no Python:"),
        ("icons.json", "}\n}", "}\n", "icons.json: "),
        ("quality_scale.yaml", "rules:", "rules: {", "quality_scale.yaml: "),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path, file: str, old: str, new: str, sentence: str
) -> None:
    tree = build(tmp_path)
    path = tmp_path / HOUSE / file
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    found = faults(tree)
    assert [each for each in found if sentence in each], found


@pytest.mark.parametrize(
    "name", ["manifest.json", "icons.json", "translations/ja.json"]
)
def test_what_is_missing_is_said(tmp_path: Path, name: str) -> None:
    tree = build(tmp_path)
    (tmp_path / HOUSE / name).unlink()
    assert any(f"{name} is missing" in each for each in faults(tree))
