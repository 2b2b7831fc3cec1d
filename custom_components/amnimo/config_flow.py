"""Adding an account, and changing how it is used.

What is typed is proven against the service before anything is kept. The proof's access token
serves the entry afterwards, and each try before it: a secret that is known to be good costs no
other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, override
from uuid import UUID

import probatio as vol
from yarl import URL

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .api import (
    API_URL,
    AmnimoError,
    AmnimoNotFoundError,
    AmnimoPermissionError,
    AmnimoResponseError,
    Lane,
    Tenant,
)
from .const import (
    CONF_ACCOUNT_ID,
    CONF_API_URL,
    CONF_CAMERA_INTERVAL,
    CONF_KEEP_ALIVE_PERIOD,
    CONF_RESET_SECONDS,
    CONF_TENANTS,
    DEFAULT_CAMERA_INTERVAL,
    DEFAULT_KEEP_ALIVE_PERIOD,
    DEFAULT_RESET_SECONDS,
    DOMAIN,
    ENTRY_MINOR_VERSION,
    ENTRY_VERSION,
)
from .errors import error_key
from .hub import AmnimoHub, async_get_hub, async_remove_unused_hub, async_share_hub
from .tenants import tenant_choices, tenant_selector

SECTION_ADVANCED = "advanced"

_TEXT = TextSelector(TextSelectorConfig(autocomplete="off"))
_SECRET = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)
_ADDRESS = vol.Schema(
    {
        vol.Required(CONF_API_URL, default=API_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL)
        )
    }
)
_NEW_SECRET: dict[vol.Marker, Any] = {vol.Required(CONF_CLIENT_SECRET): _SECRET}
_CREDENTIALS: dict[vol.Marker, Any] = {
    vol.Required(CONF_CLIENT_ID): _TEXT,
    **_NEW_SECRET,
}
_CREDENTIALS_AND_ACCOUNT = {**_CREDENTIALS, vol.Required(CONF_ACCOUNT_ID): _TEXT}
# Their texts tell to look at the address.
_ADDRESS_ERRORS = {"invalid_api_url", "not_found", "unexpected_response"}


class _Seconds(NumberSelector):
    """Asks for seconds within a range.

    The frontend is told the range; what is out of it is refused by the form, which says in the
    user's language what the range is. Home Assistant's own words are English and don't.
    """

    def __init__(self, least: int, most: int) -> None:
        """Take the ends of the range, which are part of it."""
        self.range = range(least, most + 1)
        super().__init__(
            NumberSelectorConfig(
                min=least,
                max=most,
                mode=NumberSelectorMode.BOX,
                unit_of_measurement=UnitOfTime.SECONDS,
            )
        )

    @override
    def __call__(self, data: Any) -> int:
        """Return what was typed as whole seconds, in the range or not."""
        return int(vol.Coerce(float)(data))


_SECONDS = (
    (
        CONF_CAMERA_INTERVAL,
        DEFAULT_CAMERA_INTERVAL,
        _Seconds(30, 3600),
        "camera_interval_out_of_range",
    ),
    (
        CONF_KEEP_ALIVE_PERIOD,
        DEFAULT_KEEP_ALIVE_PERIOD,
        _Seconds(10, 3600),
        "keep_alive_period_out_of_range",
    ),
    (
        CONF_RESET_SECONDS,
        DEFAULT_RESET_SECONDS,
        _Seconds(1, 3600),
        "reset_seconds_out_of_range",
    ),
)


@dataclass(frozen=True, slots=True)
class _InvalidInputError(Exception):
    """Something typed that can't be right, with its field and the key of the reason."""

    field: str
    reason: str


class AmnimoConfigFlow(ConfigFlow, domain=DOMAIN):
    """Adds an account, and renews or changes its credentials."""

    VERSION = ENTRY_VERSION
    MINOR_VERSION = ENTRY_MINOR_VERSION

    def __init__(self) -> None:
        """Start with nothing typed."""
        self._data: dict[str, str] = {}
        self._root: Tenant | None = None

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> AmnimoOptionsFlow:
        """Return the flow that changes the options."""
        return AmnimoOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the credentials and the account."""
        errors: dict[str, str] = {}
        if user_input is not None:
            root, errors = await self._async_prove(user_input)
            if root is not None:
                await self.async_set_unique_id(
                    self._data[CONF_ACCOUNT_ID], raise_on_progress=False
                )
                self._abort_if_unique_id_configured()
                self._root = root
                if len(tenant_choices(root)) > 1:
                    return await self.async_step_tenants()
                return self._create_entry([])
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(
                _with_address(_CREDENTIALS_AND_ACCOUNT, user_input or {}, errors),
                user_input,
            ),
            errors=errors,
        )

    async def async_step_tenants(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which tenants, where there are several."""
        assert self._root is not None
        if user_input is not None:
            return self._create_entry(user_input[CONF_TENANTS])
        return self.async_show_form(
            step_id="tenants",
            data_schema=vol.Schema(
                {
                    vol.Optional(CONF_TENANTS, default=[]): tenant_selector(
                        tenant_choices(self._root)
                    )
                }
            ),
        )

    def _create_entry(self, tenants: list[str]) -> ConfigFlowResult:
        assert self._root is not None
        return self.async_create_entry(
            title=self._root.account_name,
            data=self._data,
            options={CONF_TENANTS: tenants},
        )

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Begin to ask for a new secret, since the service refuses the present one."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a new secret."""
        entry = self._get_reauth_entry()
        return await self._async_change(
            entry,
            "reauth_confirm",
            _NEW_SECRET,
            {},
            user_input,
            done="reauth_successful",
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for other credentials of the same account."""
        entry = self._get_reconfigure_entry()
        known = {
            CONF_CLIENT_ID: entry.data[CONF_CLIENT_ID],
            SECTION_ADVANCED: {CONF_API_URL: entry.data[CONF_API_URL]},
        }
        return await self._async_change(
            entry,
            "reconfigure",
            _CREDENTIALS,
            known,
            user_input,
            done="reconfigure_successful",
        )

    async def _async_change(
        self,
        entry: ConfigEntry,
        step_id: str,
        fields: Mapping[vol.Marker, Any],
        known: Mapping[str, Any],
        user_input: dict[str, Any] | None,
        *,
        done: str,
    ) -> ConfigFlowResult:
        """Show a form with what is known, and change the entry by what is typed."""
        errors: dict[str, str] = {}
        if user_input is not None:
            root, reasons = await self._async_prove({**entry.data, **user_input})
            if root is not None:
                old = entry.data
                self.hass.config_entries.async_update_entry(entry, data=self._data)
                await async_remove_unused_hub(self.hass, old)
                # Named, or Home Assistant says less in words of its own.
                return self.async_update_reload_and_abort(
                    entry, data=self._data, reason=done
                )
            # The account has no field here, and is the right one: the client is another's.
            [reason] = reasons.values()
            if reason == "unknown_account":
                reason = "other_account"
            errors = {"base": reason}
        shown = {**known, **(user_input or {})}
        schema = (
            _with_address(fields, shown, errors)
            if SECTION_ADVANCED in known
            else vol.Schema(dict(fields))
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            description_placeholders={"account": entry.title},
            errors=errors,
        )

    async def _async_prove(
        self, typed: Mapping[str, Any]
    ) -> tuple[Tenant | None, dict[str, str]]:
        """Return the account's tenants, or the errors by field.

        What is good is kept for the entry, and shared with it: the token is not asked for
        again.
        """
        try:
            data = _cleaned(typed)
            root = await _async_ask_service(self.hass, data)
        except _InvalidInputError as err:
            return None, {err.field: err.reason}
        except AmnimoError as err:
            return None, {"base": error_key(err)}
        self._data = data
        return root, {}


class AmnimoOptionsFlow(OptionsFlowWithReload):
    """Changes how an account is used."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for all options; the entry is reloaded when they changed."""
        errors: dict[str, str] = {}
        options = self.config_entry.options
        if user_input is not None:
            errors = {
                key: reason
                for key, _, seconds, reason in _SECONDS
                if user_input[key] not in seconds.range
            }
            if not errors:
                tenants = options.get(CONF_TENANTS, [])
                return self.async_create_entry(
                    data={CONF_TENANTS: tenants, **user_input}
                )
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                self._schema(), user_input or options
            ),
            errors=errors,
        )

    def _schema(self) -> vol.Schema:
        fields: dict[vol.Marker, Any] = {}
        choices = self._tenants()
        if len(choices) > 1:
            fields[vol.Optional(CONF_TENANTS, default=[])] = tenant_selector(choices)
        for key, default, seconds, _ in _SECONDS:
            fields[vol.Required(key, default=default)] = seconds
        return vol.Schema(fields)

    def _tenants(self) -> dict[str, str]:
        """Return the tenants to choose from, also chosen ones that are not to be seen now."""
        chosen: list[str] = self.config_entry.options.get(CONF_TENANTS, [])
        choices = {subscription_id: subscription_id for subscription_id in chosen}
        if hasattr(self.config_entry, "runtime_data"):
            root = self.config_entry.runtime_data.cameras.root
            choices.update(tenant_choices(root))
        return choices


def _with_address(
    fields: Mapping[vol.Marker, Any],
    shown: Mapping[str, Any],
    errors: Mapping[str, str],
) -> vol.Schema:
    """Return a form that ends with the API's address, folded unless it may be wrong."""
    api_url = shown.get(SECTION_ADVANCED, {}).get(CONF_API_URL, API_URL)
    is_beyond_doubt = api_url == API_URL and _ADDRESS_ERRORS.isdisjoint(errors.values())
    advanced = section(_ADDRESS, {"collapsed": is_beyond_doubt})
    return vol.Schema({**fields, vol.Required(SECTION_ADVANCED): advanced})


def _cleaned(typed: Mapping[str, Any]) -> dict[str, str]:
    """Return the entry's data of what was typed, without blanks around it.

    Raises:
        _InvalidInputError: the account ID is no UUID, or the address is none.

    """
    try:
        account_id = str(UUID(typed[CONF_ACCOUNT_ID].strip()))
    except ValueError:
        raise _InvalidInputError(CONF_ACCOUNT_ID, "invalid_account_id") from None
    api_url = typed.get(SECTION_ADVANCED, typed)[CONF_API_URL].strip().rstrip("/")
    if not _is_http_url(api_url):
        raise _InvalidInputError("base", "invalid_api_url")
    return {
        CONF_CLIENT_ID: typed[CONF_CLIENT_ID].strip(),
        CONF_CLIENT_SECRET: typed[CONF_CLIENT_SECRET].strip(),
        CONF_ACCOUNT_ID: account_id,
        CONF_API_URL: api_url,
    }


def _is_http_url(text: str) -> bool:
    try:
        url = URL(text)
    except ValueError:
        return False
    plain = not (url.query_string or url.user or url.password)
    return url.scheme in ("http", "https") and bool(url.host) and plain


async def _async_ask_service(hass: HomeAssistant, data: Mapping[str, str]) -> Tenant:
    """Return the account's tenants.

    Raises:
        _InvalidInputError: the service does not know the account, or it has no tenant.
        AmnimoError: the service can't be asked.

    """
    hub = async_get_hub(
        hass, data[CONF_CLIENT_ID], data[CONF_CLIENT_SECRET], data[CONF_API_URL]
    )
    hub.client.tokens.forget_refusal()
    try:
        root = await hub.client.hierarchy(data[CONF_ACCOUNT_ID], lane=Lane.USER)
    except (AmnimoNotFoundError, AmnimoPermissionError) as err:
        if hub.client.tokens.current is None:
            # It was not even asked for the account: the address is another's.
            raise
        raise _InvalidInputError(CONF_ACCOUNT_ID, "unknown_account") from err
    except AmnimoResponseError as err:
        if err.status == 400:
            raise _InvalidInputError(CONF_ACCOUNT_ID, "unknown_account") from err
        raise
    finally:
        _keep_token(hass, data, hub)
    if not tenant_choices(root):
        raise _InvalidInputError(CONF_ACCOUNT_ID, "no_tenants")
    return root


def _keep_token(hass: HomeAssistant, data: Mapping[str, str], hub: AmnimoHub) -> None:
    """Let a token that a question cost serve the next one, whatever the answer was."""
    if hub.client.tokens.current is not None:
        async_share_hub(hass, data[CONF_CLIENT_ID], data[CONF_API_URL], hub)
