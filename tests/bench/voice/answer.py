"""How soon the spoken answer comes after the end of the sentence, beside the cloud's own time.

A real Home Assistant and the simulated cloud, each in a process of its own. How long the cloud
takes differs from one snapshot to the next, so that no pace of asking fits it by chance.
"""

from itertools import cycle
import time
from typing import Final

from tests.bench.comparison import Finding, median
from tests.bench.household import Household
from tests.bench.report import MustBeZero, Result, Table
from tests.bench.requests import read_requests
from tests.demo.errors import DemoError
from tests.demo.talk import say as tell

from .home import say

_SENTENCES: Final = (
    ("en", "Take a snapshot of the front gate"),
    ("ja", "正面ゲートのスナップショットを撮ってください"),
    ("en", "Could you take a picture of the cash register?"),
    ("ja", "レジ の 写真 を 撮って"),
)
_ROUNDS: Final = 24
_QUICK_ROUNDS: Final = 6
_SHORTEST: Final = 0.5
# No divisor of any pace: each round meets another moment between two questions.
_STEP: Final = 0.371
_LONGEST: Final = 9.0
_MOST_ADDED: Final = 1.0


async def run(house: Household, *, quick: bool) -> Result:
    """Ask for snapshots, one after the other."""
    rounds = _QUICK_ROUNDS if quick else _ROUNDS
    tell(f"bench: {rounds} snapshots by voice …")
    # The first sentence of a language waits until its intents were loaded, whoever they are of.
    for language, text in _SENTENCES[:2]:
        await _added(house, text, language, 0)
    before = await read_requests(house.cloud)
    span = _LONGEST - _SHORTEST
    added: list[tuple[float, float]] = []
    for number, (language, text) in zip(range(rounds), cycle(_SENTENCES)):
        making = _SHORTEST + number * (span / rounds + _STEP) % span
        added.append((making, await _added(house, text, language, making)))
    spent = await read_requests(house.cloud) - before
    seconds = [each for _, each in added]
    return Result(
        "answer",
        [
            Table(
                f"Seconds between the end of the sentence and the answer, {rounds} snapshots",
                ("", "median", "least", "most"),
                [
                    (
                        "the cloud's own time",
                        median([making for making, _ in added]),
                        min(making for making, _ in added),
                        max(making for making, _ in added),
                    ),
                    (
                        "added to it",
                        median(seconds),
                        min(seconds),
                        max(seconds),
                    ),
                    ("API requests a snapshot", spent.api / rounds, None, None),
                ],
                (
                    *(("Quick: fewer snapshots.",) if quick else ()),
                    "Added: to understand, to ask, to notice that it is ready, to save it.",
                ),
            )
        ],
        [MustBeZero("429s", spent.refused)],
        findings=[
            Finding(
                "seconds added to the cloud's own time, the longest",
                max(seconds),
                most=_MOST_ADDED,
            )
        ],
        samples={"making and added": added},
    )


async def _added(
    house: Household, text: str, language: str, making_seconds: float
) -> float:
    """Ask for a snapshot that takes so long; return what the answer took beyond that."""
    await house.cloud.change_world("making_seconds", seconds=making_seconds)
    began = time.perf_counter()
    response = await say(house, text, language)
    took = time.perf_counter() - began
    told = response["speech"]["plain"]["extra_data"]
    if not told or told["status"] != "taken" or not told["path"]:
        raise DemoError(f"no snapshot: {response['speech']['plain']['speech']}")
    return took - making_seconds
