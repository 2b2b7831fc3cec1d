"""Tokens and tenants (API document, sections 1. 認証 and 2. テナント)."""

from aiohttp import hdrs, web

from tests.cloud.answers import Answer, json_answer
from tests.cloud.backend import Backend
from tests.cloud.call import Call
from tests.cloud.refusals import BadRequestError, TooManyRequestsError
from tests.cloud.templates import Json
from tests.cloud.world import Tenant

_FORM_TYPE = "application/x-www-form-urlencoded"
_FORM = {"grant_type": "client_credentials"}


async def token(backend: Backend, request: web.Request) -> Answer:
    """アクセストークン取得: issue a token for Basic credentials."""
    client = backend.tokens.identify(request.headers.get(hdrs.AUTHORIZATION))
    if request.headers.get(hdrs.CONTENT_TYPE) != _FORM_TYPE:
        raise BadRequestError(f"the content type is not {_FORM_TYPE}")
    if request.query or list((await request.post()).items()) != list(_FORM.items()):
        raise BadRequestError("the body is not grant_type=client_credentials")
    try:
        access_token = backend.tokens.issue(client)
    except TooManyRequestsError:
        backend.stats.quota_refusals += 1
        raise
    backend.stats.tokens_issued += 1
    return json_answer(
        {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": backend.tokens.token_seconds,
        }
    )


async def hierarchy(call: Call) -> Json:
    """テナントの階層構造を取得: the tenant of an account, and those below it."""
    tenant = call.account()
    call.refuse_query()
    return _tree(tenant)


def _tree(tenant: Tenant) -> Json:
    return {
        "accountName": tenant.account_name,
        "accountId": tenant.account_id,
        "subscriptionName": tenant.subscription_name,
        "subscriptionId": tenant.subscription_id,
        "childAccounts": [_tree(child) for child in tenant.children],
    }
