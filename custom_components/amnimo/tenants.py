"""The tenants of an account as something to choose from, in a form."""

from __future__ import annotations

from collections.abc import Mapping

from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .api import Tenant


def tenant_choices(root: Tenant) -> dict[str, str]:
    """Return names by subscription ID of the tenants, as a path from the top."""

    def walk(tenant: Tenant, above: tuple[str, ...]) -> dict[str, str]:
        path = (*above, tenant.account_name)
        found: dict[str, str] = {}
        if tenant.subscription_id is not None:
            found[tenant.subscription_id] = " › ".join(path)
        for child in tenant.children:
            found.update(walk(child, path))
        return found

    return walk(root, ())


def tenant_selector(choices: Mapping[str, str]) -> SelectSelector:
    """Return what asks for some of the tenants, given as by `tenant_choices`."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=subscription_id, label=name)
                for subscription_id, name in choices.items()
            ],
            multiple=True,
            mode=SelectSelectorMode.LIST
            if len(choices) <= 10
            else SelectSelectorMode.DROPDOWN,
        )
    )
