"""How long a person's command takes to the cloud, with nothing else to do and while a sweep runs.

A command is two requests, and the service's rate is the machine's time here: so there can't be many
a second, and what else the machine does would decide about the few slowest of them. They are
given in rounds, one half of each while sweeps follow each other. Owns the person and the rounds.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import itertools
import random
import statistics
import time
from typing import Final

from custom_components.amnimo.runtime import AmnimoConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from tests.demo.talk import complain

from .cloud import OtherCloud

type Hurry = Callable[[float], Awaitable[None]]
"""Lets both sides allow so many times as many requests a second, and waits for full buckets."""

# More than any person does, and not all that the rate allows.
_COMMAND_EVERY: Final = 0.8
_BUCKET_SECONDS: Final = 4.0
_TO_THE_END_HASTE: Final = 20.0
_ROUND_SECONDS: Final = 60.0


type Rounds = list[list[float]]
"""Seconds until the cloud had a command."""


@dataclass(slots=True)
class Answers:
    """How soon commands were with the cloud."""

    idle: Rounds = field(default_factory=list)
    """While nothing else was asked for."""
    sweeping: Rounds = field(default_factory=list)
    """While a sweep ran."""
    failed: int = 0


def centile(rounds: Rounds, share: int) -> float:
    """Return a centile of each round's seconds, the median of all rounds.

    What disturbs the machine for a while decides about one round then, not about the figure.
    """
    return statistics.median(
        statistics.quantiles(each, n=100, method="inclusive")[share - 1]
        for each in rounds
    )


async def measure(
    hass: HomeAssistant,
    cloud: OtherCloud,
    entry: AmnimoConfigEntry,
    hurry: Hurry,
    seconds: float,
) -> Answers:
    """Switch ports for so long, in turns while nothing else is done and while sweeps run."""
    person = _Person(hass, cloud, _switches(hass, entry))
    answers = Answers()
    rounds = max(1, round(seconds / _ROUND_SECONDS))
    half = seconds / rounds / 2
    for _ in range(rounds):
        answers.idle.append(await person.give(half))
        sweeps = _Sweeps(hass, entry)
        await asyncio.sleep(_BUCKET_SECONDS)
        answers.sweeping.append(await person.give(half))
        # One that is broken off would leave all unavailable.
        await hurry(_TO_THE_END_HASTE)
        await sweeps.end()
        await hurry(1.0)
    answers.failed = person.failed
    return answers


def _switches(hass: HomeAssistant, entry: AmnimoConfigEntry) -> dict[str, str]:
    """Return the entities of the ports that can be switched, by what the cloud calls these."""
    registry = er.async_get(hass)
    ports = [
        f"{device_id}/{port_id}"
        for device_id, state in entry.runtime_data.ports.data.items()
        for port_id in state.ports or ()
    ]
    # Neighbours are on one device, whose readings would be shared.
    random.Random(1).shuffle(ports)
    return {
        port: entity_id
        for port in ports
        if (
            entity_id := registry.async_get_entity_id(
                Platform.SWITCH, "amnimo", port.replace("/", "_")
            )
        )
        and hass.states.get(entity_id) is not None
    }


class _Sweeps:
    """Sweeps that follow each other without a pause."""

    def __init__(self, hass: HomeAssistant, entry: AmnimoConfigEntry) -> None:
        """Begin."""
        self._entry = entry
        self._ending = False
        self._task = entry.async_create_background_task(
            hass, self._go_on(), "endless sweep"
        )

    async def end(self) -> None:
        """Let the one that goes on be the last."""
        self._ending = True
        await self._task

    async def _go_on(self) -> None:
        while not self._ending:
            await self._entry.runtime_data.ports.async_refresh()


class _Person:
    """Somebody who switches one port after another, off at first and then on again."""

    def __init__(
        self, hass: HomeAssistant, cloud: OtherCloud, entity_ids: dict[str, str]
    ) -> None:
        """Take the entities of the ports, by what the cloud calls these."""
        self._hass = hass
        self._cloud = cloud
        self._entity_ids = entity_ids
        self._next = itertools.cycle(entity_ids)
        self._off: set[str] = set()
        self._given: dict[str, float] = {}
        self.failed = 0

    async def give(self, seconds: float) -> list[float]:
        """Give commands for so long; return the seconds until the cloud had each."""
        self._given.clear()
        async with asyncio.TaskGroup() as group:
            began = time.monotonic()
            for number in range(
                min(int(seconds / _COMMAND_EVERY), len(self._entity_ids))
            ):
                due = began + number * _COMMAND_EVERY
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                group.create_task(self._command(next(self._next)))
        told = await self._cloud.told_ports()
        return [told[port] - since for port, since in self._given.items()]

    async def _command(self, port: str) -> None:
        self._off ^= {port}
        action = "turn_off" if port in self._off else "turn_on"
        self._given[port] = time.monotonic()
        try:
            await self._hass.services.async_call(
                Platform.SWITCH,
                action,
                {"entity_id": self._entity_ids[port]},
                blocking=True,
            )
        except HomeAssistantError as err:
            complain(f"bench: {self._entity_ids[port]}: {err}")
            del self._given[port]
            self.failed += 1
