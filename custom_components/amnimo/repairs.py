"""What a click can do about a repair issue. Which there are is said by `issues`."""

from __future__ import annotations

from typing import Any, cast

import probatio as vol

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .api import AmnimoError, AmnimoPermissionError, Lane
from .const import CONF_TENANTS
from .errors import error_key
from .issues import IssueKind, async_get_account_issues
from .runtime import AmnimoConfigEntry
from .tenants import tenant_choices, tenant_selector


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow that repairs an issue."""
    about = cast(dict[str, str], data or {})
    entry = hass.config_entries.async_get_entry(about.get("entry_id", ""))
    if entry is None:
        return ConfirmRepairFlow()
    match about["kind"]:
        case IssueKind.TENANT_FORBIDDEN:
            return TenantForbiddenFlow(entry, about["subscription_id"])
        case IssueKind.TENANT_GONE:
            return TenantGoneFlow(entry, about["subscription_id"])
        case _:
            return FolderFlow(entry)


class _AccountFlow(RepairsFlow):
    """A flow for something of an account."""

    def __init__(self, entry: AmnimoConfigEntry) -> None:
        """Take the account."""
        self._entry = entry

    @property
    def _texts(self) -> dict[str, str] | None:
        """What the placeholders of the issue's texts stand for."""
        issue = ir.async_get(self.hass).async_get_issue(self.handler, self.issue_id)
        return issue.translation_placeholders if issue else None

    def _form(
        self,
        step_id: str,
        schema: vol.Schema | None = None,
        error: str | None = None,
    ) -> RepairsFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=schema or vol.Schema({}),
            description_placeholders=self._texts,
            errors={"base": error} if error else None,
        )


class _TenantFlow(_AccountFlow):
    """A flow for a tenant that may be left out."""

    def __init__(self, entry: AmnimoConfigEntry, subscription_id: str) -> None:
        """Take the tenant."""
        super().__init__(entry)
        self._subscription_id = subscription_id

    def _choose(self, tenants: list[str]) -> RepairsFlowResult:
        """Let the account have these tenants from now on, all where there are none."""
        self.hass.config_entries.async_update_entry(
            self._entry, options={**self._entry.options, CONF_TENANTS: tenants}
        )
        self.hass.config_entries.async_schedule_reload(self._entry.entry_id)
        return self.async_create_entry(data={})


class TenantForbiddenFlow(_TenantFlow):
    """Leaves out a tenant that the client ID may not see, or sees whether it may now."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask which of the two."""
        if self._entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        return self.async_show_menu(
            step_id="init",
            menu_options=["granted", "leave_out"],
            description_placeholders=self._texts,
        )

    async def async_step_granted(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Say how the permission is got, and see whether it was."""
        if self._entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        if user_input is None:
            return self._form("granted")
        cameras = self._entry.runtime_data.cameras
        try:
            await cameras.client.camera_page(
                self._subscription_id, size=1, with_urls=False, lane=Lane.USER
            )
        except AmnimoPermissionError:
            return self._form("granted", error="still_forbidden")
        except AmnimoError as err:
            return self._form("granted", error=error_key(err))
        issues = async_get_account_issues(self.hass, self._entry)
        issues.async_permission_granted(self._subscription_id)
        await cameras.async_request_refresh()
        return self.async_create_entry(data={})

    async def async_step_leave_out(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Leave the tenant out, after saying what that means."""
        if self._entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        if user_input is None:
            return self._form("leave_out")
        chosen = self._entry.options.get(CONF_TENANTS)
        tenants = chosen or self._entry.runtime_data.cameras.data.tenants
        return self._choose([each for each in tenants if each != self._subscription_id])


class TenantGoneFlow(_TenantFlow):
    """Removes a tenant from the options that the account does not have any more."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Begin with what fits: where it was the last, none chosen would mean all."""
        return await (
            self.async_step_confirm() if self._left else self.async_step_choose()
        )

    @property
    def _left(self) -> list[str]:
        chosen = self._entry.options.get(CONF_TENANTS, [])
        return [each for each in chosen if each != self._subscription_id]

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Remove it, after saying so."""
        if user_input is None:
            return self._form("confirm")
        return self._choose(self._left)

    async def async_step_choose(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask which tenants to have in its place."""
        if user_input is not None:
            return self._choose(user_input[CONF_TENANTS])
        if self._entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        root = self._entry.runtime_data.cameras.root
        assert root is not None
        selector = tenant_selector(tenant_choices(root))
        schema = vol.Schema({vol.Optional(CONF_TENANTS, default=[]): selector})
        return self._form("choose", schema)


class FolderFlow(_AccountFlow):
    """Sees whether downloads can be saved now."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Say what to do."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """See whether it was done."""
        if user_input is None:
            return self._form("confirm")
        issues = async_get_account_issues(self.hass, self._entry)
        if await issues.async_check_folder():
            return self.async_create_entry(data={})
        return self._form("confirm", error="still_not_writable")
