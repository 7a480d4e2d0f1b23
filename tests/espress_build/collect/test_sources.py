"""Reading sources: whatever is wrong costs itself alone, and batches are the same from wherever reading begins."""

from __future__ import annotations

import gzip
import io
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastwarc.stream_io import ZstdWriter
from tests.espress_build.pages.archives import PAGE, record, response

from espress_build.collect import engines, remote, sources
from espress_build.collect.choice import Choice
from espress_build.collect.reading import Result
from espress_build.collect.sources import Batch, Unit, can_start_inside, list_units, read_batches, read_unit
from espress_build.inputs.params import read_params
from espress_build.pages.saved import Failure, LeftOut, Saved

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMITS = read_params().pages


def read(path: Path | str) -> list[Saved | Failure | LeftOut]:
    """Return what a source holds."""
    return [one for unit in list_units((str(path),)) for one in read_unit(unit, LIMITS)]


def count(found: Iterable[Saved | Failure | LeftOut]) -> Counter[str]:
    """Return how many are pages, failures by reason, and other parts by what they are."""
    return Counter(
        "page" if isinstance(one, Saved) else one.reason if isinstance(one, Failure) else one.what for one in found
    )


def make_broken(number: int) -> list[bytes]:
    """Return records of all kinds, sound and broken."""
    found = []
    for at in range(number):
        page = PAGE + str(at).encode()
        kind = at % 12
        if kind == 3:
            found.append(response(page, more="WARC-Truncated: length\r\n"))
        elif kind == 5:
            found.append(record("request", b"GET / HTTP/1.1\r\n\r\n"))
        elif kind == 7:
            found.append(response(page, more="WARC-Payload-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n"))
        elif kind == 9:
            found.append(response(page, length=len(page) // 2))
        elif kind == 10:
            found.append(response(page, length=10**10))
        elif kind == 11:
            found.append(response(page) + b"junk that belongs to no record\r\n\r\n")
        else:
            found.append(response(page))
    return found


@pytest.mark.parametrize("packed", [False, True])
def test_pieces_of_a_file_hold_the_batches_of_the_whole(
    *, packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_BATCH_PAGES", 3)
    monkeypatch.setattr(engines, "_TASK_BATCHES", 2)
    records = [b"no record at all", *make_broken(90), response()[:150]]
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(gzip.compress(one) if packed else one for one in records))
    (unit,) = list_units((str(path),))
    assert can_start_inside(unit)
    whole = list(read_batches(unit, LIMITS))
    pieces = list(engines._list_pieces(unit, Choice()))
    found: list[Batch] = []
    for piece in pieces:
        assert not isinstance(piece, Result)
        found += islice(read_batches(unit, LIMITS, None, piece.start, piece.first), piece.count)
    assert len(pieces) > 5
    assert found == whole
    assert [one.last for one in found] == [False] * (len(found) - 1) + [True]


def test_pieces_of_a_file_without_pages(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(record("request", b"GET / HTTP/1.1\r\n\r\n") * 3)
    (unit,) = list_units((str(tmp_path / "a.warc"),))
    (only,) = engines._list_pieces(unit, Choice())
    assert isinstance(only, Result)
    assert (only.pages, only.left_out, only.last) == (0, {"request": 3}, True)


def test_zstd_with_a_dictionary(tmp_path: Path) -> None:
    records = [response(PAGE + str(at).encode(), url=f"https://news.example/{at}") for at in range(50)]
    from fastwarc.stream_io import zstd_train_dictionary_from_samples

    dictionary = zstd_train_dictionary_from_samples(records * 20, 2000)
    for is_packed in (False, True):
        sink = io.BytesIO()
        writer = ZstdWriter(sink, dictionary=dictionary, compress_dictionary_frame=is_packed)
        for one in records:
            writer.write(one)
            writer.finish()
        writer.close()
        path = tmp_path / "a.warc.zst"
        path.write_bytes(sink.getvalue())
        assert sink.getvalue()[:4] == b"\x5d\x2a\x4d\x18"
        assert count(read(path)) == {"page": 50}


def test_a_page_with_an_unknown_coding_is_named(tmp_path: Path) -> None:
    coded = [response(b"\x00\x01\x02" * 50, b"Content-Encoding: compress\r\n"), response(), response()]
    (tmp_path / "a.warc").write_bytes(b"".join(coded))
    found = read(tmp_path / "a.warc")
    assert count(found) == {"page": 2, "broken_record": 1}
    assert "compress" in next(one.detail for one in found if isinstance(one, Failure))
    (tmp_path / "a.warc").write_bytes(response(PAGE, b"Content-Encoding: utf-8\r\n"))
    assert count(read(tmp_path / "a.warc")) == {"page": 1}


def test_many_tiny_records_are_counted(tmp_path: Path) -> None:
    with (tmp_path / "a.warc.gz").open("wb") as file:
        for at in range(2000):
            tiny = record("resource", b"x", content="text/plain") if at % 2 else record("metadata", b"")
            file.write(gzip.compress(tiny, 1))
    assert count(read(tmp_path / "a.warc.gz")) == {"page": 1000, "metadata": 1000}


@pytest.mark.parametrize("packed", [False, True])
def test_a_huge_record_is_passed_over(*, packed: bool, tmp_path: Path) -> None:
    size = 40 << 20
    head = response(b"", length=size + 100)[:-4]
    path = tmp_path / ("a.warc.gz" if packed else "a.warc")
    with gzip.open(path, "wb", 1) if packed else path.open("wb") as file:
        file.write(head)
        for _ in range(40):
            file.write(bytes(1 << 20))
        file.write(bytes(100 - (len(head) - head.index(b"HTTP/1.1"))) + b"\r\n\r\n")
    with path.open("ab") as file:
        file.write(gzip.compress(response()) if packed else response())
    assert count(read(path)) == {"too_large": 1, "page": 1}


def test_a_file_far_away_is_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    monkeypatch.setattr(remote, "_BLOCK", 500)
    content = b"".join(gzip.compress(one) for one in make_broken(40))
    (tmp_path / "a.warc.gz").write_bytes(content)
    with fsspec.open("memory://far/a.warc.gz", "wb") as file:
        file.write(content)

    def refuse(*_: object) -> None:
        raise AssertionError("the file is copied")

    monkeypatch.setattr(sources, "_read_copy", refuse)
    near, far = read(tmp_path / "a.warc.gz"), read("memory://far/a.warc.gz")
    assert [vars(one) | {"source": one.source.rpartition("#")[2]} for one in near] == [
        vars(one) | {"source": one.source.rpartition("#")[2]} for one in far
    ]
    assert count(far)["page"] > 15


def test_a_new_page_in_a_folder_changes_only_the_units_beside_it(tmp_path: Path) -> None:
    for at in range(400):
        (tmp_path / f"{at:04d}.html").write_bytes(PAGE)

    def list_keys() -> set[str]:
        units: list[Unit] = list_units((str(tmp_path),))
        assert max(len(unit.files) for unit in units) <= 64
        return {unit.key for unit in units}

    before = list_keys()
    (tmp_path / "0200.html").write_bytes(PAGE + b" ")
    changed = list_keys()
    assert len(changed - before) == len(before - changed) == 1
    (tmp_path / "0200b.html").write_bytes(PAGE)
    assert len(list_keys() - changed) <= 3


def test_wrong_types_in_a_glob_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (tmp_path / "b.warc.gz").write_bytes(b"")
    (tmp_path / "c.wacz").write_bytes(b"PK no zip")
    (tmp_path / "d.parquet").write_bytes(b"PAR1")
    (tmp_path / "e.warc.zst").write_bytes(b"no zstd")
    (tmp_path / "f.jsonl.gz").write_bytes(b"no gzip")
    (tmp_path / "g.warc.gz").write_bytes(gzip.compress(response()))
    found = read(tmp_path / "*")
    assert count(found)["page"] == 1
    assert {Path(one.source.partition("#")[0]).name for one in found} == {p.name for p in tmp_path.iterdir()}
