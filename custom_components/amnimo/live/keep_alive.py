"""How long each stream lasts without an extension, so that extensions stay few.

The edge device sends for a keep-alive period after the start and after each extension (API
document, section 4, 映像再生時間の延長). Short periods waste the least should Home Assistant
crash; long ones cost the fewest requests.
"""

LONGEST_PERIOD = 3600
"""Seconds, the longest keep-alive period of the service."""

_EXTENSIONS_A_PERIOD = 2
# Of one extension a second, this much is for periods below the longest. The rest is enough for
# more than 700 streams of the longest.
_SHARED_OUT = 0.6


class KeepAlivePeriods:
    """Shares out one extension a second among all streams.

    While there is plenty, a stream gets the period that the user chose. From then on each
    further stream gets a longer one, which leaves room for the next.
    """

    def __init__(self, chosen: int) -> None:
        """Take the period that the user chose, in seconds (10 to 3600)."""
        self._chosen = chosen
        self._periods: list[int] = []

    @property
    def rate(self) -> float:
        """Extensions a second that the present streams need."""
        return sum(_EXTENSIONS_A_PERIOD / period for period in self._periods)

    def take(self) -> int:
        """Return the period in seconds for one more stream; hand it back with `give_back`."""
        left = max(_SHARED_OUT - self.rate, 0.001)
        fitting = round(self._chosen * (_SHARED_OUT / 2 / left) ** 2)
        period = min(max(self._chosen, fitting), LONGEST_PERIOD)
        self._periods.append(period)
        return period

    def give_back(self, period: int) -> None:
        """Take note that a stream with a period has ended."""
        self._periods.remove(period)
