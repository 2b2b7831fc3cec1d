"""Fields that several actions have."""

from __future__ import annotations

from typing import Final

ATTR_END_TIME: Final = "end_time"
ATTR_LIMIT: Final = "limit"
ATTR_START_TIME: Final = "start_time"
