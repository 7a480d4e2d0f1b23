"""Files made of packed row groups have the bytes that pyarrow writes, and no row group of other content is taken."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.espress_build.pipeline.helpers import PARAMS

from espress_build.pipeline import row_groups
from espress_build.pipeline.batches import cut_batches
from espress_build.pipeline.package import write_parquet, write_shards
from espress_build.pipeline.result_cache import ResultCache
from espress_build.pipeline.row_groups import PackedGroup, StitchedFile, list_options, pack

if TYPE_CHECKING:
    from pathlib import Path

DATASET = "dataset/data"
OPTIONS = list_options(PARAMS.package)


def write_plain(tables: list[Any]) -> bytes:
    """Return the file that pyarrow writes."""
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, tables[0].schema, **OPTIONS) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=table.num_rows)
    return sink.getvalue()


@pytest.mark.parametrize("rows", [1, 3, 200])
@pytest.mark.parametrize("name", ["sentences", "articles", "catalogue", "annotations"])
def test_stitched_files_are_those_of_pyarrow(name: str, rows: int) -> None:
    table = pq.read_table(f"{DATASET}/{name}.parquet").slice(0, 40 * rows)
    parts = [table.slice(at, rows) for at in range(0, table.num_rows, rows)]
    sink = io.BytesIO()
    file = StitchedFile(sink)
    for part in parts:
        file.add(PackedGroup.from_bytes(pack(part, OPTIONS).to_bytes()))
    file.close()
    assert sink.getvalue() == write_plain(parts)


def test_cache_changes_no_byte_and_packs_only_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pq.read_table(f"{DATASET}/sentences.parquet")
    parts = [table.slice(at, 25) for at in range(0, 100, 25)]
    packed: list[int] = []

    def pack_counted(table: Any, options: dict[str, Any]) -> PackedGroup:
        packed.append(table.num_rows)
        return pack(table, options)

    monkeypatch.setattr(row_groups, "pack", pack_counted)
    cache, package = ResultCache(tmp_path / "cache"), PARAMS.package

    def write(name: str, tables: list[Any], **options: Any) -> bytes:
        packed.clear()
        write_parquet(tmp_path / name, tables, "sentences", options.pop("package", package), **options)
        return (tmp_path / name).read_bytes()

    plain = write("plain", parts)
    assert write("first", parts, cache=cache) == plain
    assert packed == [25, 25, 25, 25]
    assert write("again", parts, cache=cache) == plain
    assert not packed
    changed = [parts[0], parts[1].slice(1), *parts[2:]]
    assert write("changed", changed, cache=cache) == write("changed plain", changed)
    write("changed again", [*changed, table.slice(100, 1)], cache=cache)
    assert packed == [1]
    assert write("other level", parts, cache=cache, package=replace(package, compression_level=1)) != plain
    assert packed == [25, 25, 25, 25]
    monkeypatch.setattr(row_groups.pa, "__version__", "99.0")  # type: ignore[attr-defined]
    write("other library", parts, cache=cache)
    assert packed == [25, 25, 25, 25]
    for entry in cache.folder.iterdir():
        entry.write_bytes(entry.read_bytes()[:-1] + b"?")
    assert write("damaged", parts, cache=cache) == plain
    assert packed == [25, 25, 25, 25]


def test_shards_and_files_without_rows(tmp_path: Path) -> None:
    table = pq.read_table(f"{DATASET}/sentences.parquet")
    for name, cache in (("plain", None), ("cached", ResultCache(tmp_path / "cache"))):
        (tmp_path / name).mkdir()
        for rows, shards in ((100, 2), (0, 1)):
            parts = [table.slice(at, 25) for at in range(0, rows, 25)]
            found = write_shards(tmp_path / name, parts, "sentences", PARAMS.package, most_bytes=12_000, cache=cache)
            assert len(found) >= shards
            for path in found:
                path.rename(path.with_name(f"{rows}-{path.name}"))
    plain, cached = ({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in ("plain", "cached"))
    assert plain == cached


def test_footer_of_another_form_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    original = pq.ParquetWriter
    monkeypatch.setattr(
        pq, "ParquetWriter", lambda *given, **options: original(*given, write_page_index=True, **options)
    )
    with pytest.raises(ValueError, match="does not consist"):
        pack(pa.table({"x": [1, 2]}), OPTIONS)


def test_one_more_name_changes_the_batches_beside_it_alone() -> None:
    names = [f"outlet-{number:06d}" for number in range(0, 4000, 2)]
    before = [tuple(batch) for batch in cut_batches(names, 64)]
    assert max(map(len, before)) <= 64
    assert [name for batch in before for name in batch] == names
    for extra in range(1, 4000, 397):
        after = [tuple(batch) for batch in cut_batches(sorted([*names, f"outlet-{extra:06d}"]), 64)]
        assert len(set(after) - set(before)) <= 6
