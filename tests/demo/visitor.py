"""Who looks at the demo: the name, the password, and the language they read."""

from typing import Final, Literal

type Language = Literal["en", "ja"]

LANGUAGES: Final[tuple[Language, ...]] = ("en", "ja")

USERNAME: Final = "demo"
PASSWORD: Final = "demo"
