"""Tokens, tenants and who may see what."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

import aiohttp
import pytest

from tests.cloud import CloudOptions, SimulatedCloud
from tests.cloud.auth import TOKENS_A_MONTH
from tests.cloud.world import Camera

from .caller import Caller, in_tenant, of_camera
from .still import still_options

FORM = "application/x-www-form-urlencoded"


async def test_a_token_is_issued_for_client_id_and_secret(
    cloud: SimulatedCloud, session: aiohttp.ClientSession
) -> None:
    caller = Caller(cloud, session, cloud.client)
    secret = aiohttp.encode_basic_auth(cloud.client_id, cloud.client_secret)
    answer = await caller.fetch(
        "POST",
        f"{cloud.url}/oauth2/token",
        data="grant_type=client_credentials",
        headers={"Authorization": secret, "Content-Type": FORM},
    )
    assert answer.keys() == {"access_token", "token_type", "expires_in"}
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 7200)
    assert cloud.stats.tokens_issued == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"secret": "wrong"}, 401),
        ({"client_id": "nobody"}, 401),
        ({"headers": {"Authorization": "Basic ****", "Content-Type": FORM}}, 401),
        ({"headers": {"Authorization": "Bearer abc", "Content-Type": FORM}}, 401),
        ({"headers": {"Content-Type": FORM}}, 401),
        ({"content_type": "application/json"}, 400),
        ({"content_type": f"{FORM}; charset=utf-8"}, 400),
        ({"body": "grant_type=password"}, 400),
        ({"body": ""}, 400),
        ({"body": "grant_type=client_credentials&scope=all"}, 400),
        ({"query": "?grant_type=client_credentials"}, 400),
    ],
)
async def test_a_token_request_must_be_exact(
    cloud: SimulatedCloud,
    session: aiohttp.ClientSession,
    changed: Mapping[str, Any],
    status: int,
) -> None:
    secret = aiohttp.encode_basic_auth(
        changed.get("client_id", cloud.client_id),
        changed.get("secret", cloud.client_secret),
    )
    await Caller(cloud, session, cloud.client).fetch(
        "POST",
        f"{cloud.url}/oauth2/token{changed.get('query', '')}",
        data=changed.get("body", "grant_type=client_credentials"),
        headers=changed.get(
            "headers",
            {
                "Authorization": secret,
                "Content-Type": changed.get("content_type", FORM),
            },
        ),
        status=status,
    )
    assert cloud.stats.tokens_issued == 0
    assert cloud.stats.count("token", status) == 1


async def test_a_token_expires(caller: Caller) -> None:
    path = f"/accounts/{caller.cloud.account_id}/hierarchy"
    caller.cloud.clock.advance(7199)
    await caller.get(path)
    caller.cloud.clock.advance(1)
    await caller.get(path, status=403)
    await caller.sign_in()
    await caller.get(path)


async def test_revoked_and_invented_tokens_are_forbidden(caller: Caller) -> None:
    path = f"/accounts/{caller.cloud.account_id}/hierarchy"
    caller.cloud.tokens.revoke_all()
    await caller.get(path, status=403)
    caller.headers = {"Authorization": "Bearer invented"}
    await caller.get(path, status=403)
    caller.headers = {}
    await caller.get(path, status=401)


async def test_the_monthly_quota_ends_and_comes_back(caller: Caller) -> None:
    cloud = caller.cloud
    for _ in range(TOKENS_A_MONTH - 1):
        cloud.tokens.issue(cloud.client)
    with pytest.raises(AssertionError, match="429"):
        await caller.token()
    assert (cloud.stats.quota_refusals, cloud.stats.rate_refusals) == (1, 0)
    cloud.clock.advance(9 * 86_400)
    assert await caller.token()


async def test_the_hierarchy_is_the_whole_tree_of_tenants(caller: Caller) -> None:
    tree = await caller.get(f"/accounts/{caller.cloud.account_id}/hierarchy")

    def flat(node: dict[str, Any], depth: int) -> list[tuple[str, int]]:
        assert node.keys() == {
            "accountName",
            "accountId",
            "subscriptionName",
            "subscriptionId",
            "childAccounts",
        }
        below = [flat(child, depth + 1) for child in node["childAccounts"]]
        return [(node["subscriptionId"], depth), *chain.from_iterable(below)]

    found = flat(tree, 1)
    assert {each for each, _ in found} == {
        tenant.subscription_id for tenant in caller.tenant.family()
    }
    assert max(depth for _, depth in found) == 3


async def test_an_account_in_the_middle_shows_what_is_below_it(caller: Caller) -> None:
    branch = caller.tenant.children[0]
    tree = await caller.get(f"/accounts/{branch.account_id}/hierarchy")
    assert tree["accountName"] == branch.account_name
    assert len(tree["childAccounts"]) == len(branch.children) == 1


async def test_what_is_somebody_elses_is_forbidden(caller: Caller) -> None:
    stranger = caller.cloud.neighbour.accounts[0]
    camera = next(iter(stranger.cameras.values()))
    own = in_tenant(caller.tenant)
    await caller.get(f"/accounts/{stranger.account_id}/hierarchy", status=403)
    await caller.get(f"{in_tenant(stranger)}/cameras", status=403)
    await caller.get(of_camera(camera), status=403)
    await caller.get(f"{own}/cameras/{camera.id}", status=403)
    device = next(iter(stranger.devices))
    await caller.get(f"{own}/devices/{device}/peripherals", status=403)
    clip = caller.cloud.media.create_snapshot(camera, 0, "theirs")
    await caller.get(f"{own}/medias/{clip.id}", status=403)


async def test_what_belongs_to_another_own_tenant_is_forbidden_here(
    caller: Caller, edge_camera: Camera
) -> None:
    other = next(
        tenant for tenant in caller.tenant.family() if tenant is not edge_camera.tenant
    )
    await caller.get(f"{in_tenant(other)}/cameras/{edge_camera.id}", status=403)


async def test_a_tenant_that_is_removed_is_forbidden(caller: Caller) -> None:
    branch = caller.tenant.children[0]
    await caller.get(f"{in_tenant(branch)}/cameras")
    caller.cloud.world.remove_tenant(branch)
    await caller.get(f"{in_tenant(branch)}/cameras", status=403)
    tree = await caller.get(f"/accounts/{caller.cloud.account_id}/hierarchy")
    assert tree["childAccounts"] == []


class TestRateLimit:
    """The token bucket of each client ID."""

    @pytest.fixture
    def seconds(self) -> list[float]:
        """Return the clock of the rate limit, in a list of one."""
        return [0.0]

    @pytest.fixture(params=["default", "portal"])
    def options(
        self, request: pytest.FixtureRequest, seconds: list[float]
    ) -> CloudOptions:
        """Return a cloud that lives by that clock, in two dialects."""
        return still_options(dialect=request.param, monotonic=lambda: seconds[0])

    async def test_twenty_requests_at_once_then_five_a_second(
        self, caller: Caller, seconds: list[float]
    ) -> None:
        path = f"/accounts/{caller.cloud.account_id}/hierarchy"
        for _ in range(20):
            await caller.get(path)
        await caller.get(path, status=429)
        seconds[0] += 0.19
        await caller.get(path, status=429)
        seconds[0] += 0.02
        await caller.get(path)
        await caller.get(path, status=429)
        seconds[0] += 3600
        for _ in range(20):
            await caller.get(path)
        await caller.get(path, status=429)
        stats = caller.cloud.stats
        assert stats.rate_refusals == stats.count("hierarchy", 429) == 4
        assert (stats.refused, stats.quota_refusals) == (4, 0)
        assert stats.total() == 45

    async def test_neither_the_token_nor_another_client_suffers(
        self, caller: Caller
    ) -> None:
        path = f"/accounts/{caller.cloud.account_id}/hierarchy"
        for _ in range(20):
            await caller.get(path)
        await caller.get(path, status=429)
        assert await caller.token()
        other = Caller(caller.cloud, caller.session, caller.cloud.neighbour)
        await other.sign_in()
        await other.get(f"/accounts/{other.tenant.account_id}/hierarchy")

    async def test_some_clouds_say_when_to_come_again(self, caller: Caller) -> None:
        url = f"{caller.cloud.url}/accounts/{caller.cloud.account_id}/hierarchy"
        for _ in range(20):
            await caller.fetch("GET", url, headers=caller.headers)
        async with caller.session.get(url, headers=caller.headers) as response:
            assert response.status == 429
            said = response.headers.get("Retry-After")
        assert said == ("1" if caller.cloud.options.dialect == "portal" else None)
