"""Steps that succeed or fail, and what is printed of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
import traceback
from typing import override

from tests.demo.api import ApiError, DisconnectedError
from tests.demo.errors import DemoError
from tests.demo.talk import say

# No step takes a third of this on a machine at rest.
STEP_SECONDS = 150.0


class StepFailedError(Exception):
    """What a step found not to be as it should, as a sentence."""


class StepSkippedError(Exception):
    """What a step would need that this machine does not have, as a sentence."""


@dataclass(frozen=True, slots=True)
class Step[VisitT]:
    """Something to do and to check. It returns what it saw, in a few words."""

    title: str
    do: Callable[[VisitT], Awaitable[str]]


@dataclass(slots=True)
class Tally:
    """How many steps went how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other: Tally) -> None:
        """Count the steps of another one too."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    @override
    def __str__(self) -> str:
        """Say it as the last line of a check does."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def expect(truth: object, otherwise: str) -> None:
    """Fail the step unless something is true."""
    if not truth:
        raise StepFailedError(otherwise)


async def go_through[VisitT](
    steps: Sequence[Step[VisitT]],
    visit: VisitT,
    *,
    until_broken: Callable[[], Awaitable[None]],
) -> Tally:
    """Do the steps in their order, whatever becomes of each; give how they went.

    Args:
        steps: to be done.
        visit: what is handed from step to step.
        until_broken: raises DemoError when no step can succeed any more; the rest then
            fails for that reason.

    """
    breakage = asyncio.ensure_future(until_broken())
    tally = Tally()
    for number, step in enumerate(steps, start=1):
        reason = lacking = None
        seen = ""
        doing = asyncio.ensure_future(step.do(visit))
        try:
            await asyncio.wait(
                {doing, breakage},
                timeout=STEP_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if doing.done():
                seen = doing.result()
            elif breakage.done():
                breakage.result()
            else:
                reason = f"took longer than {STEP_SECONDS:.0f} s"
        except StepSkippedError as err:
            lacking = str(err)
        except (StepFailedError, DemoError, ApiError) as err:
            reason = str(err)
        except DisconnectedError:
            reason = "Home Assistant closed the connection"
        except Exception as err:  # noqa: BLE001 - one bad step must not hide the others
            reason = _unexpected(err)
        finally:
            doing.cancel()
        if lacking is not None:
            tally.skipped += 1
            say(f"skipped {number} {step.title}: {lacking}")
        elif reason is None:
            tally.passed += 1
            say(f"ok {number:<3} {step.title}{f': {seen}' if seen else ''}")
        else:
            tally.failed += 1
            say(f"FAILED {number} {step.title}\n         {reason}")
    breakage.cancel()
    return tally


def _unexpected(err: Exception) -> str:
    """Name an error nobody thought of, and where it came from."""
    place = traceback.extract_tb(err.__traceback__)[-1]
    return f"{type(err).__name__}: {err} ({place.filename}:{place.lineno})"
