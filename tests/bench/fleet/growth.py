"""How figures grow with the fleet, as an SVG picture for the documentation.

Owns how it is drawn: one small chart a figure, both scales logarithmic, a dashed line where what
it is held against was measured, too; dark on light, or light on dark for who has it so. Knows
nothing of what the figures mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
import math
from typing import Final

_WIDTH: Final = 300
_HEIGHT: Final = 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 20, 34, 46
_COLUMNS: Final = 3
_LEGEND_HEIGHT: Final = 24
_LEGEND: Final = "Solid: measured. Dashed: what it is held against, named in brackets."
_STYLE: Final = """\
.paper { fill: #ffffff } .ours { stroke: #0b7285 } .beside { stroke: #868e96 }
.dot { fill: #0b7285 } .grid { stroke: #dee2e6 } text { fill: #212529 }
polyline { fill: none; stroke-width: 2 } .beside { stroke-dasharray: 5 4 }
@media (prefers-color-scheme: dark) {
.paper { fill: #0d1117 } .ours { stroke: #3bc9db } .beside { stroke: #868e96 }
.dot { fill: #3bc9db } .grid { stroke: #30363d } text { fill: #e6edf3 }
}"""


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
    width, height = _COLUMNS * _WIDTH, rows * _HEIGHT + _LEGEND_HEIGHT
    body = "\n".join(
        f'<g transform="translate({index % _COLUMNS * _WIDTH},'
        f'{index // _COLUMNS * _HEIGHT})">\n{_chart(chart)}\n</g>'
        for index, chart in enumerate(charts)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="11">\n'
        f"<style>\n{_STYLE}\n</style>\n"
        f'<rect class="paper" width="{width}" height="{height}"/>\n{body}\n'
        f'<text x="{_LEFT}" y="{height - 10}">{_LEGEND}</text>\n</svg>\n'
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
        return f'<polyline points="{points}" class="{look}"/>'

    parts = [
        f'<text x="{_LEFT}" y="18" font-weight="bold">{escape(chart.title)}</text>'
    ]
    for exponent in range(round(math.log10(low)), round(math.log10(high)) + 1):
        y = down(10.0**exponent)
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
            f'class="grid"/><text x="{_LEFT - 6}" y="{y + 4:.1f}" '
            f'text-anchor="end">{_number(10.0**exponent)}</text>'
        )
    parts += [
        f'<text x="{across(cameras):.1f}" y="{_HEIGHT - _BOTTOM + 18}" '
        f'text-anchor="middle">{_number(cameras)}</text>'
        for cameras in chart.cameras
    ]
    parts.append(
        f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2:.1f}" y="{_HEIGHT - _BOTTOM + 34}" '
        f'text-anchor="middle">cameras</text>'
    )
    if chart.beside:
        parts.append(line(chart.beside, "beside"))
    parts.append(line(chart.measured, "ours"))
    parts += [
        f'<circle cx="{across(cameras):.1f}" cy="{down(value):.1f}" r="3" class="dot"/>'
        for cameras, value in zip(chart.cameras, chart.measured, strict=True)
    ]
    return "\n".join(parts)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
