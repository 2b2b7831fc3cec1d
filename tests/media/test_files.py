"""Blocks of a file on their way to the disk."""

from __future__ import annotations

from itertools import pairwise
import os
from pathlib import Path

import pytest

from custom_components.amnimo.media.files import open_part, write_block

MIB = 1024 * 1024


@pytest.mark.skipif(
    not hasattr(os, "posix_fadvise"), reason="The system does not take advice"
)
def test_the_disk_is_told_to_begin_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With each stretch, that is: neither block by block nor at the end with everything."""
    told: list[tuple[int, int]] = []

    def note(_: int, start: int, length: int, __: int) -> None:
        told.append((start, start + length))

    monkeypatch.setattr(os, "posix_fadvise", note)
    with open_part(tmp_path / "folder" / "part") as file:
        for _ in range(20):
            write_block(file, [bytes(MIB), bytes(2 * MIB - 1), b"", b"x"])
    assert (tmp_path / "folder" / "part").stat().st_size == 60 * MIB
    assert len(told) == 3
    assert told[0][0] == 0
    assert all(after <= end for (_, end), (after, _) in pairwise(told))
    assert told[-1][1] >= 48 * MIB


def test_a_block_of_any_number_of_chunks_is_written_in_order(tmp_path: Path) -> None:
    """A single call of the system takes some hundreds at the most."""
    chunks = [bytes([number % 251]) * (number % 7) for number in range(3000)]
    with open_part(tmp_path / "part") as file:
        write_block(file, chunks)
        write_block(file, [b"the end"])
    assert (tmp_path / "part").read_bytes() == b"".join(chunks) + b"the end"
