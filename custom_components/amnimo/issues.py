"""Repair issues: what keeps an account from working that a person has to see to.

Owns when an issue is raised and when it is cleared: not for what passes by itself, and not a
moment longer than its cause. What a click can do about it is `repairs`' business. Issues of the
client ID (its tokens, answers that are not understood) are there once, however many accounts use
it. Identifiers in the names of issues are hashed: those names are part of every diagnostics
download.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
import hashlib

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_CLIENT_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.loader import async_get_loaded_integration
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .api import QUOTA_WARNING, AmnimoClient, AmnimoPermissionError
from .const import CONF_API_URL, CONF_TENANTS, DOMAIN
from .coordinator import CameraCoordinator
from .entries import async_entries_in_use
from .media.folder import download_folder, find_unwritable
from .media.job import MediaFailure
from .media.jobs import MediaJobs
from .runtime import AmnimoConfigEntry

_INTERVAL = timedelta(seconds=60)
_TIMES_TO_BE_SURE = 2
_TOKENS_COUNT_FOR = timedelta(days=31)

_ACCOUNTS: HassKey[dict[str, AccountIssues]] = HassKey(f"{DOMAIN}_issues")


class IssueKind(StrEnum):
    """What can be wrong; also the key of the texts."""

    TOKENS_SCARCE = "tokens_scarce"
    TOKENS_NEARLY_SPENT = "tokens_nearly_spent"
    NOT_UNDERSTOOD = "not_understood"
    TENANT_FORBIDDEN = "tenant_forbidden"
    ACCOUNT_FORBIDDEN = "account_forbidden"
    TENANT_GONE = "tenant_gone"
    FOLDER_NOT_WRITABLE = "folder_not_writable"


_FIXABLE = {
    IssueKind.TENANT_FORBIDDEN,
    IssueKind.TENANT_GONE,
    IssueKind.FOLDER_NOT_WRITABLE,
}
_OF_CLIENT = (
    IssueKind.TOKENS_SCARCE,
    IssueKind.TOKENS_NEARLY_SPENT,
    IssueKind.NOT_UNDERSTOOD,
)
_URGENT = {IssueKind.TOKENS_NEARLY_SPENT, IssueKind.ACCOUNT_FORBIDDEN}


@dataclass(frozen=True, slots=True)
class _Issue:
    """An issue as it should be."""

    kind: IssueKind
    texts: Mapping[str, str]
    """What the placeholders of its texts stand for."""
    data: Mapping[str, str] = field(default_factory=dict)
    """What the flow that repairs it needs."""


class AccountIssues:
    """The issues of one account, and of the client ID that it uses.

    Outlives reloads and failed set-ups: what was found out is not found out again.
    """

    def __init__(self, hass: HomeAssistant, entry: AmnimoConfigEntry) -> None:
        """Begin with nothing known."""
        self._hass = hass
        self._entry = entry
        self._names: dict[str, str] = {}
        self._refusals: Counter[str] = Counter()
        self._absences: Counter[str] = Counter()
        self._hierarchy_answers = 0
        self._storage_failures = 0
        self._folder_in_doubt = False
        # So that each poll of an account without trouble does not look for trouble to clear.
        self._client_is_well = False
        self._tenants_are_well = False
        entry.async_on_state_change(self._state_changed)

    # --- What is watched -------------------------------------------------------------------

    @callback
    def async_watch_cloud(
        self, client: AmnimoClient, cameras: CameraCoordinator
    ) -> None:
        """Follow what the service says, until the entry is unloaded."""
        self._hierarchy_answers = 0
        self._client_is_well = self._tenants_are_well = False
        _clear_unused_clients(self._hass)

        @callback
        def review() -> None:
            self._review_client(client)

        @callback
        def review_after_poll() -> None:
            self._review_client(client)
            self._review_tenants(cameras)

        @callback
        def review_in_time(_now: datetime) -> None:
            # Calls for a token count for less and less as time goes by.
            self._review_client(client)

        for stop in (
            cameras.async_review(review_after_poll),
            client.tokens.listen(review),
            async_track_time_interval(
                self._hass, review_in_time, _INTERVAL, name="amnimo issues"
            ),
        ):
            self._entry.async_on_unload(stop)

    @callback
    def async_watch_downloads(self, media: MediaJobs) -> None:
        """Follow what becomes of downloads, until the entry is unloaded."""
        self._storage_failures = 0

        async def review(_now: datetime) -> None:
            failures = media.outcomes[MediaFailure.STORAGE_FAILED]
            if failures > self._storage_failures:
                self._folder_in_doubt = True
            self._storage_failures = failures
            if self._folder_in_doubt:
                await self.async_check_folder()

        self._entry.async_on_unload(
            async_track_time_interval(
                self._hass, review, _INTERVAL, name="amnimo download folder"
            )
        )

    @callback
    def async_clear(self) -> None:
        """Clear all issues of the account; those of its client ID where it was the last."""
        for kind in IssueKind:
            for issue_id in _issue_ids(self._hass, f"{kind}_{self._entry.entry_id}_"):
                ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        _clear_unused_clients(self._hass)

    @callback
    def _state_changed(self) -> None:
        """Let go of the issues of an account that was disabled."""
        if self._entry.disabled_by and self._entry.state is ConfigEntryState.NOT_LOADED:
            self.async_clear()

    # --- The client ID ---------------------------------------------------------------------

    def _review_client(self, client: AmnimoClient) -> None:
        """Raise and clear the issues of the client ID."""
        usage = client.tokens.usage
        shown: dict[IssueKind, dict[str, str]] = {}
        if usage.is_high:
            scarce, spent = IssueKind.TOKENS_SCARCE, IssueKind.TOKENS_NEARLY_SPENT
            shown[spent if usage.is_nearly_spent else scarce] = {
                "calls": str(usage.calls),
                "limit": str(usage.limit),
                **_when_free(client.tokens.calls),
            }
        if endpoints := client.misreadings.certain_endpoints():
            shown[IssueKind.NOT_UNDERSTOOD] = {"endpoints": ", ".join(endpoints)}
        if self._client_is_well and not shown:
            return
        self._client_is_well = not shown
        digest = _client_digest(self._entry)
        for kind in _OF_CLIENT:
            if kind in shown:
                texts = {"accounts": self._accounts_of(digest), **shown[kind]}
                issue = _Issue(kind, texts)
                _raise(self._hass, f"{kind}_{digest}", issue)
            else:
                _clear(self._hass, f"{kind}_{digest}")

    def _accounts_of(self, digest: str) -> str:
        """Return the names of the accounts that use a client ID."""
        return ", ".join(
            sorted(
                each.title
                for each in async_entries_in_use(self._hass)
                if _client_digest(each) == digest
            )
        )

    # --- Tenants ---------------------------------------------------------------------------

    def _review_tenants(self, cameras: CameraCoordinator) -> None:
        """Raise and clear the issues of tenants, after a poll."""
        asked = cameras.hierarchy_answers != self._hierarchy_answers
        nothing_new = not asked and not any(cameras.answers.values())
        if cameras.root is None or (self._tenants_are_well and nothing_new):
            return
        told = {
            tenant.subscription_id: tenant.account_name
            for tenant in cameras.root.walk()
            if tenant.subscription_id is not None
        }
        self._names.update(told)
        chosen = set(self._entry.options.get(CONF_TENANTS, ()))
        self._hierarchy_answers = cameras.hierarchy_answers
        if asked:
            self._note_absences(cameras, chosen - told.keys())
        wanted = told.keys() & chosen if chosen else told.keys()
        self._note_refusals(cameras, wanted, told_just_now=asked)
        self._show_tenants(wanted)
        self._tenants_are_well = not self._refusals and not self._absences

    def _note_absences(
        self, cameras: CameraCoordinator, absent: AbstractSet[str]
    ) -> None:
        """Take note of chosen tenants that the service did not tell of when it was asked."""
        self._absences = Counter({each: self._absences[each] + 1 for each in absent})
        for subscription_id in absent:
            self._names.setdefault(subscription_id, self._name_before(subscription_id))
        if any(times < _TIMES_TO_BE_SURE for times in self._absences.values()):
            cameras.ask_hierarchy_again()

    def _note_refusals(
        self,
        cameras: CameraCoordinator,
        wanted: AbstractSet[str],
        *,
        told_just_now: bool,
    ) -> None:
        """Take note of tenants that were refused though the token is good.

        A token that something else was answered with in the same poll is good. Where there is
        nothing else, the tenants are asked for again.
        """
        answers = {
            each: cameras.answers[each] for each in wanted & cameras.answers.keys()
        }
        proven = told_just_now or None in answers.values()
        for subscription_id, err in answers.items():
            if err is None:
                del self._refusals[subscription_id]
            elif isinstance(err, AmnimoPermissionError):
                self._refusals[subscription_id] += proven
        for subscription_id in self._refusals.keys() - wanted:
            del self._refusals[subscription_id]
        unsure = any(times < _TIMES_TO_BE_SURE for times in self._refusals.values())
        if unsure and None not in answers.values():
            cameras.ask_hierarchy_again()

    def _show_tenants(self, wanted: AbstractSet[str]) -> None:
        refused, gone = map(_certain, (self._refusals, self._absences))
        everything = bool(refused) and refused == wanted
        self._show(
            IssueKind.ACCOUNT_FORBIDDEN,
            {"": {"account": self._entry.title}} if everything else {},
        )
        for kind, concerned in (
            (IssueKind.TENANT_FORBIDDEN, set() if everything else refused),
            (IssueKind.TENANT_GONE, gone),
        ):
            self._show(
                kind,
                {
                    each: {"account": self._entry.title, "tenant": self._names[each]}
                    for each in concerned
                },
            )

    def _name_before(self, subscription_id: str) -> str:
        """Return what a tenant was called when it was there, as far as anybody knows."""
        device = dr.async_get(self._hass).async_get_device_by_identifier(
            (DOMAIN, subscription_id), self._entry.entry_id
        )
        return (device and device.name) or subscription_id

    @callback
    def async_permission_granted(self, subscription_id: str) -> None:
        """Take note that a tenant was not refused any more."""
        del self._refusals[subscription_id]

    # --- The download folder ---------------------------------------------------------------

    async def async_check_folder(self) -> bool:
        """Return whether downloads can be saved, and let the issue say so."""
        folder = download_folder(self._hass)
        unwritable = folder and await self._hass.async_add_executor_job(
            find_unwritable, folder
        )
        self._folder_in_doubt = unwritable is not None or folder is None
        place = str(unwritable or "media_dirs")
        self._show(
            IssueKind.FOLDER_NOT_WRITABLE,
            {"": {"account": self._entry.title, "folder": place}}
            if self._folder_in_doubt
            else {},
        )
        return not self._folder_in_doubt

    # --- Showing ---------------------------------------------------------------------------

    def _show(self, kind: IssueKind, wanted: Mapping[str, Mapping[str, str]]) -> None:
        """Raise the issues of a kind that are there, and clear all others of the account.

        Args:
            kind: of the issues.
            wanted: their texts by what they are about: a subscription ID, or nothing.

        """
        issues = {
            f"{kind}_{self._entry.entry_id}_{_digest(about)}": _Issue(
                kind,
                texts,
                {
                    "kind": kind,
                    "entry_id": self._entry.entry_id,
                    "subscription_id": about,
                },
            )
            for about, texts in wanted.items()
        }
        for issue_id in _issue_ids(self._hass, f"{kind}_{self._entry.entry_id}_"):
            if issue_id not in issues:
                _clear(self._hass, issue_id)
        for issue_id, issue in issues.items():
            _raise(self._hass, issue_id, issue)


@callback
def async_get_account_issues(
    hass: HomeAssistant, entry: AmnimoConfigEntry
) -> AccountIssues:
    """Return the issues of an account, the same as long as Home Assistant runs."""
    accounts = hass.data.setdefault(_ACCOUNTS, {})
    if entry.entry_id not in accounts:
        accounts[entry.entry_id] = AccountIssues(hass, entry)
    return accounts[entry.entry_id]


@callback
def async_remove_account_issues(hass: HomeAssistant, entry: AmnimoConfigEntry) -> None:
    """Clear all issues of an account that is removed, and forget it."""
    async_get_account_issues(hass, entry).async_clear()
    hass.data[_ACCOUNTS].pop(entry.entry_id)


def _certain(times: Counter[str]) -> set[str]:
    return {each for each, count in times.items() if count >= _TIMES_TO_BE_SURE}


def _when_free(calls: Sequence[float]) -> dict[str, str]:
    """Return when calls for a token count no more: the oldest, and enough to be at ease."""
    if len(calls) < QUOTA_WARNING:
        return {}
    return {
        name: dt_util.as_local(
            dt_util.utc_from_timestamp(call) + _TOKENS_COUNT_FOR
        ).strftime("%Y-%m-%d %H:%M")
        for name, call in (("next", calls[0]), ("at_ease", calls[-QUOTA_WARNING]))
    }


def _raise(hass: HomeAssistant, issue_id: str, issue: _Issue) -> None:
    integration = async_get_loaded_integration(hass, DOMAIN)
    more = f"{integration.documentation}#trouble"
    if issue.kind is IssueKind.NOT_UNDERSTOOD:
        more = integration.issue_tracker or more
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        data=dict(issue.data),
        is_fixable=issue.kind in _FIXABLE,
        learn_more_url=more,
        severity=ir.IssueSeverity.ERROR
        if issue.kind in _URGENT
        else ir.IssueSeverity.WARNING,
        translation_key=issue.kind,
        translation_placeholders=dict(issue.texts),
    )


def _clear(hass: HomeAssistant, issue_id: str) -> None:
    """Clear an issue that is shown.

    One of before the start that is not, or not yet, remembers whether it is to be ignored.
    """
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    if issue is not None and issue.active:
        ir.async_delete_issue(hass, DOMAIN, issue_id)


def _issue_ids(hass: HomeAssistant, beginning: str) -> list[str]:
    return [
        issue_id
        for domain, issue_id in ir.async_get(hass).issues
        if domain == DOMAIN and issue_id.startswith(beginning)
    ]


def _clear_unused_clients(hass: HomeAssistant) -> None:
    """Remove the issues of client IDs that no account uses any more."""
    used = {_client_digest(each) for each in async_entries_in_use(hass)}
    for kind in _OF_CLIENT:
        for issue_id in _issue_ids(hass, f"{kind}_"):
            if issue_id.removeprefix(f"{kind}_") not in used:
                ir.async_delete_issue(hass, DOMAIN, issue_id)


def _client_digest(entry: AmnimoConfigEntry) -> str:
    return _digest(entry.data[CONF_API_URL], entry.data[CONF_CLIENT_ID])


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
