"""Figures in a page of the documentation: put in place of those of an earlier run.

What is measured stands between ``<!-- NAME -->`` and ``<!-- /NAME -->``, on lines of their own;
the words around are people's.
"""

from collections.abc import Mapping
import re


def with_figures(page: str, figures: Mapping[str, str]) -> str:
    """Return a page with new figures, by name; a name that it does not have is left out."""
    for name, text in figures.items():
        mark = re.escape(name)
        page = re.sub(
            rf"^<!-- {mark} -->\n.*?^<!-- /{mark} -->$",
            f"<!-- {name} -->\n\n{text}\n\n<!-- /{name} -->".replace("\\", r"\\"),
            page,
            flags=re.DOTALL | re.MULTILINE,
        )
    return page
