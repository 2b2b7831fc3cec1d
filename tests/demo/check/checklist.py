"""Steps that succeed or fail, and what is printed of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
import traceback

from tests.demo.api import ApiError, DisconnectedError
from tests.demo.errors import DemoError
from tests.demo.talk import say

# No step takes a third of this on a machine at rest.
STEP_SECONDS = 150.0


class StepFailedError(Exception):
    """What a step found not to be as it should, as a sentence."""


@dataclass(frozen=True, slots=True)
class Step[VisitT]:
    """Something to do and to check. It returns what it saw, in a few words."""

    title: str
    do: Callable[[VisitT], Awaitable[str]]


def expect(truth: object, otherwise: str) -> None:
    """Fail the step unless something is true."""
    if not truth:
        raise StepFailedError(otherwise)


async def go_through[VisitT](
    steps: Sequence[Step[VisitT]],
    visit: VisitT,
    *,
    until_broken: Callable[[], Awaitable[None]],
) -> int:
    """Do the steps in their order, whatever becomes of each; give how many failed.

    Args:
        steps: to be done.
        visit: what is handed from step to step.
        until_broken: raises DemoError when no step can succeed any more; the rest then
            fails for that reason.

    """
    breakage = asyncio.ensure_future(until_broken())
    passed = 0
    for number, step in enumerate(steps, start=1):
        reason = None
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
        except (StepFailedError, DemoError, ApiError) as err:
            reason = str(err)
        except DisconnectedError:
            reason = "Home Assistant closed the connection"
        except Exception as err:  # noqa: BLE001 - one bad step must not hide the others
            reason = _unexpected(err)
        finally:
            doing.cancel()
        if reason is None:
            passed += 1
            say(f"ok {number:<3} {step.title}{f': {seen}' if seen else ''}")
        else:
            say(f"FAILED {number} {step.title}\n         {reason}")
    breakage.cancel()
    failed = len(steps) - passed
    say(f"{passed} passed, {failed} failed")
    return failed


def _unexpected(err: Exception) -> str:
    """Name an error nobody thought of, and where it came from."""
    place = traceback.extract_tb(err.__traceback__)[-1]
    return f"{type(err).__name__}: {err} ({place.filename}:{place.lineno})"
