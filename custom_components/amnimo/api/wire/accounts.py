"""Tokens and tenants (API document, sections 1. 認証 and 2. テナント). All names are known."""

from __future__ import annotations

from typing import Any

from ..models import Tenant, TokenGrant
from .reading import (
    DEEPEST,
    Fields,
    fields_of,
    nested_list,
    number_in,
    single_objects,
    text_in,
)

_USUAL_LIFETIME = 7200.0


def token(payload: Any) -> TokenGrant | None:
    """Read an issued token; None without one."""
    fields = fields_of(payload)
    value = text_in(fields, "accesstoken")
    if value is None:
        return None
    lifetime = number_in(fields, "expiresin")
    return TokenGrant(value, lifetime if lifetime and lifetime > 0 else _USUAL_LIFETIME)


def tenant(payload: Any) -> Tenant | None:
    """Read a tenant and those below it; None for what is neither an account nor above one."""
    found = (_tenant(fields, 0) for fields in single_objects(payload, "account"))
    return next((each for each in found if each is not None), None)


def _tenant(fields: Fields, depth: int) -> Tenant | None:
    account_id = text_in(fields, "accountid")
    subscription_id = text_in(fields, "subscriptionid")
    children: list[Tenant] = []
    if depth < DEEPEST:
        for item in nested_list(fields, "childaccounts") or []:
            child = _tenant(fields_of(item), depth + 1)
            if child is not None:
                children.append(child)
    identifier = account_id or subscription_id
    if identifier is None and not children:
        return None
    identifier = identifier or children[0].account_id
    return Tenant(
        account_id=identifier,
        account_name=text_in(fields, "accountname") or identifier,
        subscription_id=subscription_id,
        subscription_name=text_in(fields, "subscriptionname"),
        children=tuple(children),
    )
