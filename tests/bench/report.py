"""What a benchmark found: tables for people, the same and the raw figures as JSON.

Owns how figures are written. Knows nothing of what they mean, but that some of them have
to be 0, and that some have a limit that they are held against.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
import json
from pathlib import Path
import unicodedata

from .comparison import Finding

type Cell = str | int | float | None
type Json = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None

_GAP = "  "
_MARKS = {True: "pass", False: "FAIL", None: None}


@dataclass(frozen=True, slots=True)
class Table:
    """Figures with a title; the first column names its row.

    A float is printed with two digits after the point, None as a dash: not measured.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Return it for a terminal."""
        lines = [self.columns, *([_written(cell) for cell in row] for row in self.rows)]
        widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
        rule = _GAP.join("-" * width for width in widths)
        head, *body = (_aligned(line, widths) for line in lines)
        return "\n".join(
            [self.title, "", head, rule, *body, *(f"  {note}" for note in self.notes)]
        )

    def markdown(self) -> str:
        """Return it for a page of the documentation."""
        lines = [
            f"**{self.title}**",
            "",
            _markdown_row(self.columns),
            _markdown_row(["---"] * len(self.columns)),
            *(_markdown_row([_written(cell) for cell in row]) for row in self.rows),
        ]
        if self.notes:
            lines += ["", *(f"- {note}" for note in self.notes)]
        return "\n".join(lines)

    def as_json(self) -> Json:
        """Return it with each row by the names of its columns."""
        return {
            "title": self.title,
            "rows": [dict(zip(self.columns, row, strict=True)) for row in self.rows],
            "notes": self.notes,
        }


@dataclass(frozen=True, slots=True)
class MustBeZero:
    """A count that is a fault of the integration unless it is 0."""

    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Result:
    """What one benchmark found; ``samples`` are its raw figures, in seconds.

    ``findings`` are figures that can be held against something, ``pictures`` SVG by the name of
    a file.
    """

    name: str
    tables: Sequence[Table]
    zeros: Sequence[MustBeZero] = ()
    samples: Mapping[str, Json] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    pictures: Mapping[str, str] = field(default_factory=dict)

    @property
    def faults(self) -> list[MustBeZero]:
        """The counts that are not 0 and have to be."""
        return [each for each in self.zeros if each.count]

    def text(self) -> str:
        """Return it for a terminal."""
        zeros = [f"{each.count} {each.what} (must be 0)" for each in self.zeros]
        return "\n\n".join([*(table.text() for table in self.tables), "\n".join(zeros)])

    def markdown(self) -> str:
        """Return its tables for a page of the documentation."""
        return "\n\n".join(table.markdown() for table in self.tables)

    def as_json(self) -> Json:
        """Return all of it."""
        return {
            "benchmark": self.name,
            "tables": [table.as_json() for table in self.tables],
            "must_be_zero": {each.what: each.count for each in self.zeros},
            "findings": [_finding_as_json(each) for each in self.findings],
            "samples": self.samples,
        }


def findings_table(title: str, findings: Iterable[Finding]) -> Table:
    """Return the table in which figures stand beside what they are held against."""
    return Table(
        title,
        ("figure", "measured", "beside", "ratio", "limit", "result"),
        [
            (
                each.figure,
                each.measured,
                each.beside,
                each.ratio,
                _limit(each),
                _MARKS[each.holds],
            )
            for each in findings
        ],
    )


def _limit(finding: Finding) -> str | None:
    limits = []
    if finding.most is not None:
        limits.append(f"{finding.most:g}")
    if finding.most_ratio is not None:
        limits.append(f"{finding.most_ratio:.2f} of beside")
    return ", ".join(limits) or None


def _finding_as_json(finding: Finding) -> Json:
    return {
        "figure": finding.figure,
        "measured": finding.measured,
        "beside": finding.beside,
        "ratio": finding.ratio,
        "most": finding.most,
        "most_ratio": finding.most_ratio,
        "result": _MARKS[finding.holds],
    }


def write_json(path: Path, run: Mapping[str, Json], results: Iterable[Result]) -> None:
    """Write all results into a file, with what is told about the run itself."""
    content = {**run, "results": [result.as_json() for result in results]}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, ensure_ascii=False, indent=2)
    path.write_text(f"{text}\n", encoding="utf-8")


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _written(cell: Cell) -> str:
    if cell is None:
        return "–"
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Put cells into columns: names to the left, figures to the right."""
    padded = [
        cell + " " * (width - _width(cell))
        if index == 0
        else " " * (width - _width(cell)) + cell
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return _GAP.join(padded).rstrip()


def _width(text: str) -> int:
    """Return the columns that a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
