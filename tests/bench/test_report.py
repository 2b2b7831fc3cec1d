"""What was found is written for people and for programs."""

import json
from pathlib import Path
from typing import Any

from .comparison import Finding
from .report import MustBeZero, Result, Table, findings_table, write_json


def result_of(**fields: Any) -> Result:
    return Result("example", [Table("Title", ("what", "s"), [("a", 1.0)])], **fields)


def written(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_figures_stand_below_each_other() -> None:
    table = Table("Title", ("what", "s"), [("a", 1.0), ("longer", None), ("c", 12)])
    assert table.text().splitlines() == [
        "Title",
        "",
        "what       s",
        "------  ----",
        "a       1.00",
        "longer     –",
        "c         12",
    ]


def test_japanese_letters_take_two_columns() -> None:
    table = Table("Title", ("what", "s"), [("屋上", 1), ("roof", 2)])
    assert table.text().splitlines()[-2:] == ["屋上  1", "roof  2"]


def test_a_page_gets_a_table_with_its_notes() -> None:
    table = Table("Title", ("what", "s"), [("a", 1.0), ("b", None)], ("A note.",))
    assert table.markdown().splitlines() == [
        "**Title**",
        "",
        "| what | s |",
        "| --- | --- |",
        "| a | 1.00 |",
        "| b | – |",
        "",
        "- A note.",
    ]


def test_each_figure_is_written_with_what_it_is_held_against() -> None:
    table = findings_table(
        "Limits",
        [
            Finding("picture", 1.03, beside=1.0, most_ratio=1.1),
            Finding("upload", 60.0, beside=90.0, most=50),
            Finding("processor", 2.0, beside=1.0),
        ],
    )
    assert table.rows == [
        ("picture", 1.03, 1.0, 1.03, "1.10 of beside", "pass"),
        ("upload", 60.0, 90.0, 60 / 90, "50", "FAIL"),
        ("processor", 2.0, 1.0, 2.0, None, None),
    ]


def test_a_count_that_must_be_zero_is_a_fault_where_it_is_not() -> None:
    nothing, three = MustBeZero("429s", 0), MustBeZero("streams", 3)
    result = result_of(zeros=[nothing, three])
    assert result.faults == [three]
    assert "3 streams (must be 0)" in result.text()


def test_a_limit_that_is_missed_is_no_fault() -> None:
    """What took long on a busy machine must not fail where nothing is wrong."""
    assert result_of(findings=[Finding("upload", 60.0, most=50)]).faults == []


def test_findings_are_written_for_programs(tmp_path: Path) -> None:
    path = tmp_path / "new" / "results.json"
    found = Finding("upload", 45.0, beside=90.0, most=50)
    write_json(path, {"quick": True}, [result_of(findings=[found])])
    content = written(path)
    assert content["quick"] is True
    assert content["results"][0]["findings"] == [
        {
            "figure": "upload",
            "measured": 45.0,
            "beside": 90.0,
            "ratio": 0.5,
            "most": 50,
            "most_ratio": None,
            "result": "pass",
        }
    ]


def test_rows_are_written_by_the_names_of_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_json(path, {}, [result_of(zeros=[MustBeZero("429s", 0)])])
    (result,) = written(path)["results"]
    assert result["tables"][0]["rows"] == [{"what": "a", "s": 1.0}]
    assert result["must_be_zero"] == {"429s": 0}
