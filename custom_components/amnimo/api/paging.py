"""Which pages of a listing are asked for, and which was the last.

The API document names a `total` and does not say whether it counts what is on all pages or on
the one (sections 3. カメラ and 6. デバイス). That is the same for all tenants, so it is learned
once from what the service answers. Until it is known, a page that is full and has all of its
total is followed by another request: nothing must ever be missing. Knows no endpoint and no
payload.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

_MOST_PAGES = 1000


@dataclass(frozen=True, slots=True)
class Counted:
    """What there is on a page."""

    entries: int
    """Those that the page size is about."""
    most: int
    """What a total can be at most that counts this page alone."""
    total: int | None
    """What the service says."""


class Totals:
    """What the totals of one kind of listing count, as far as the service has shown it."""

    def __init__(self) -> None:
        """Begin without knowing."""
        self.counts_all = False
        """Whether totals are known to count what is on all pages together."""
        self._asked = False
        self._asking = asyncio.Lock()

    async def settle[PageT](self, ask: Callable[[], Awaitable[PageT]]) -> PageT | None:
        """Ask for a page that may not be there; None where it is known not to be by now.

        Of several who want to know at the same time one asks, and the others wait for what
        it learns. Once that was in vain, nobody waits any more. `ask` is to call `learn`.
        """
        if not self._asked:
            async with self._asking:
                if not self._asked:
                    try:
                        return await ask()
                    finally:
                        self._asked = True
        return None if self.counts_all else await ask()

    def learn(self, page: Counted, size: int, before: int) -> None:
        """Take note of what a page shows.

        Args:
            page: what is on it.
            size: entries that were asked for.
            before: entries on the pages before it.

        """
        if page.total is None:
            return
        beyond_the_end = before > 0 and page.entries == 0
        if page.total > max(size, page.most) or (beyond_the_end and page.total > 0):
            self.counts_all = True
        elif page.entries >= size and page.total < before + page.entries:
            self.counts_all = False


class Listing[PageT]:
    """One reading of all pages, in order."""

    def __init__(
        self,
        totals: Totals,
        size: int,
        ask: Callable[[int], Awaitable[PageT]],
        count: Callable[[PageT], Counted],
    ) -> None:
        """Take how a page is asked for.

        Args:
            totals: what totals of this kind of listing count.
            size: entries a page that are asked for.
            ask: returns a page, given its number from 0.
            count: says what is on a page.

        """
        self._totals = totals
        self._size = size
        self._ask = ask
        self._count = count
        self._number = 0
        self._so_far = 0
        self._last: Counted | None = None

    async def next_page(self) -> PageT | None:
        """Return the next page, None after the last."""
        if self._is_over():
            return None
        if self._last is not None and self._fills_its_page(self._last):
            return await self._totals.settle(self._read)
        return await self._read()

    async def _read(self) -> PageT:
        page = await self._ask(self._number)
        counted = self._count(page)
        self._totals.learn(counted, self._size, self._so_far)
        self._number += 1
        self._so_far += counted.entries
        self._last = counted
        return page

    def _is_over(self) -> bool:
        last = self._last
        if last is None:
            return False
        if self._number >= _MOST_PAGES:
            return True
        if last.entries < self._size:
            return last.total is None or self._so_far >= last.total
        all_there = last.total == self._so_far
        return all_there and (self._totals.counts_all or self._so_far > self._size)

    def _fills_its_page(self, page: Counted) -> bool:
        """Return whether a page is full with all that its total tells of."""
        return self._so_far == page.total == self._size
