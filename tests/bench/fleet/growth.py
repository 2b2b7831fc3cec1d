"""How figures grow with the fleet, as an SVG picture for the documentation.

Owns how it is drawn: one small chart a figure, both scales logarithmic, a dashed line where what
it is held against was measured, too. Knows nothing of what the figures mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
import math
from typing import Final

_WIDTH: Final = 300
_HEIGHT: Final = 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 34, 34
_COLUMNS: Final = 3
_OURS: Final = "#0b7285"
_BESIDE: Final = "#adb5bd"


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure by numbers of cameras, and the same of what it is held against."""

    title: str
    cameras: Sequence[int]
    measured: Sequence[float]
    beside: Sequence[float] = ()


def draw(charts: Sequence[Chart]) -> str:
    """Return the picture."""
    rows = math.ceil(len(charts) / _COLUMNS)
    width, height = _COLUMNS * _WIDTH, rows * _HEIGHT
    body = "\n".join(
        f'<g transform="translate({index % _COLUMNS * _WIDTH},'
        f'{index // _COLUMNS * _HEIGHT})">\n{_chart(chart)}\n</g>'
        for index, chart in enumerate(charts)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="11">\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _chart(chart: Chart) -> str:
    values = [each for each in (*chart.measured, *chart.beside) if each > 0]
    low = 10 ** math.floor(math.log10(min(values)))
    high = 10 ** math.ceil(math.log10(max(values) * 1.0001))
    first, last = min(chart.cameras), max(chart.cameras)

    def across(cameras: float) -> float:
        share = (
            math.log(cameras / first) / math.log(last / first) if last > first else 0
        )
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def down(value: float) -> float:
        share = math.log(max(value, low) / low) / math.log(high / low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    def line(figures: Sequence[float], look: str) -> str:
        points = " ".join(
            f"{across(cameras):.1f},{down(value):.1f}"
            for cameras, value in zip(chart.cameras, figures, strict=True)
        )
        return f'<polyline points="{points}" fill="none" stroke-width="2" {look}/>'

    parts = [
        f'<text x="{_LEFT}" y="18" font-weight="bold">{escape(chart.title)}</text>'
    ]
    for exponent in range(round(math.log10(low)), round(math.log10(high)) + 1):
        y = down(10.0**exponent)
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="#e9ecef"/><text x="{_LEFT - 6}" y="{y + 4:.1f}" '
            f'text-anchor="end">{10.0**exponent:g}</text>'
        )
    parts += [
        f'<text x="{across(cameras):.1f}" y="{_HEIGHT - _BOTTOM + 18}" '
        f'text-anchor="middle">{cameras}</text>'
        for cameras in chart.cameras
    ]
    if chart.beside:
        parts.append(line(chart.beside, f'stroke="{_BESIDE}" stroke-dasharray="5 4"'))
    parts.append(line(chart.measured, f'stroke="{_OURS}"'))
    parts += [
        f'<circle cx="{across(cameras):.1f}" cy="{down(value):.1f}" r="3" fill="{_OURS}"/>'
        for cameras, value in zip(chart.cameras, chart.measured, strict=True)
    ]
    return "\n".join(parts)
