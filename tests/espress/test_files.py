"""Hashes of files, and writing that leaves a file or a folder whole or not at all."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from espress.errors import InputError
from espress.files import hash_file, new_folder, open_new, read_parquet_rows, replace_file, write_new

if TYPE_CHECKING:
    from pathlib import Path


def test_hash_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    assert hash_file(tmp_path / "file") == hashlib.sha256(b"abc").hexdigest()


def test_a_new_file_is_never_an_old_one(tmp_path: Path) -> None:
    write_new(tmp_path / "a" / "file", b"one")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a" / "file", b"two")
    assert (tmp_path / "a" / "file").read_bytes() == b"one"


def test_replace_file(tmp_path: Path) -> None:
    (tmp_path / ".file.new").write_bytes(b"left by a crash")
    for data in (b"one", b"two"):
        replace_file(tmp_path / "file", data)
        assert (tmp_path / "file").read_bytes() == data
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_error_names_the_file(tmp_path: Path) -> None:
    def fail() -> None:
        with open_new(tmp_path / "file"):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match=r"No space left on device: '.*file'"):
        fail()


def test_a_folder_is_whole_or_missing(tmp_path: Path) -> None:
    with new_folder(tmp_path / "made") as folder:
        (folder / "file").touch()
        assert not (tmp_path / "made").exists()
    with pytest.raises(ValueError, match="stop"), new_folder(tmp_path / "other"):
        raise ValueError("stop")
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
    with pytest.raises(OSError, match="made"), new_folder(tmp_path / "made"):
        pass
    assert [path.name for path in tmp_path.rglob("*")] == ["made", "file"]


def test_rows_of_parquet_with_text_that_is_not_utf_8_or_repeated_columns_are_refused(tmp_path: Path) -> None:
    texts = pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"]).buffers())
    pq.write_table(pa.table({"text": texts}), tmp_path / "broken.parquet")
    with pytest.raises(InputError, match=r"broken\.parquet: cannot be read as parquet"):
        read_parquet_rows(tmp_path / "broken.parquet")
    pq.write_table(pa.table([["a"], ["b"]], names=["text", "text"]), tmp_path / "double.parquet")
    with pytest.raises(InputError, match=r"double\.parquet: several columns are called 'text'"):
        read_parquet_rows(tmp_path / "double.parquet")
