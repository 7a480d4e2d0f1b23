"""Collecting: every form of source, the same bytes however it runs, resuming, and counts that add up."""

from __future__ import annotations

import errno
import gzip
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.espress_build.pages.archives import record, response
from tests.helpers import read_files

import espress
from espress.cli.main import main
from espress.errors import InputError
from espress_build.collect import merge, sources
from espress_build.collect.run import Collected, DamagedPartWarning, collect
from espress_build.inputs.params import read_params

if TYPE_CHECKING:
    from collections.abc import Iterable

FIXTURES = Path("tests/fixtures/pages")


def make_page(number: int, words: str = "The weather was fine in the valley") -> bytes:
    """Return a page of an article whose words are its own."""
    parts = [f"<p>Paragraph {number} {part}: {words}, and nobody was surprised by item {number}.</p>" for part in "abc"]
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>Headline {number}</title></head><body><article>'
        f"<h1>Headline {number}</h1>{''.join(parts)}</article></body></html>"
    ).encode()


def write_warc(path: Path, numbers: Iterable[int], *, pack: bool = True) -> Path:
    """Write a WARC file of such pages."""
    records = [response(make_page(one), url=f"https://news.example/{one}") for one in numbers]
    path.write_bytes(b"".join(map(gzip.compress, records)) if pack else b"".join(records))
    return path


def read_data(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all tables and of the counts."""
    return read_files(folder / "data") | {"counts": (folder / "collected.json").read_bytes()}


def check_counts(done: Collected) -> None:
    """Assert that each page is in one place, in the counts and in the tables."""
    assert done.pages == done.kept + sum(done.rejected.values()) + sum(done.dropped.values())
    own = espress.load("articles", as_="arrow").num_rows
    assert espress.load("articles", hydrated=done.folder, as_="arrow").num_rows == own + done.kept
    assert pq.read_table(done.folder / "data/rejects.parquet").num_rows == sum(done.rejected.values())
    assert pq.read_table(done.folder / "data/dropped.parquet").num_rows == sum(done.dropped.values())
    assert pq.read_table(done.folder / "data/provenance.parquet").num_rows == done.kept


def test_every_form_of_source_gives_the_same_articles(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    plain = write_warc(given / "plain.warc", [1], pack=False)
    write_warc(given / "packed.warc.gz", [2])
    (given / "packed.warc.zst").write_bytes(pa.Codec("zstd").compress(
        response(make_page(3), url="https://news.example/3"), asbytes=True))  # fmt: skip
    with zipfile.ZipFile(given / "web.wacz", "w") as archive:
        archive.write(write_warc(tmp_path / "inside.warc.gz", [4]), "archive/inside.warc.gz")
    rows = [{"url": "https://news.example/5", "html": make_page(5).decode()}, {"url": "x", "html": None}, 7]
    (given / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (given / "rows.jsonl.gz").write_bytes(gzip.compress(json.dumps({"html": make_page(6).decode()}).encode()))
    pq.write_table(pa.table({"url": ["https://news.example/7"], "html": [make_page(7).decode()]}), given / "r.parquet")
    pq.write_table(pa.table({"other": [1]}), given / "wrong.parquet")
    (given / "page.html").write_bytes(make_page(8))
    (given / "image.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (given / "broken.warc.gz").write_bytes(plain.read_bytes()[:90])
    done = collect(given, tmp_path / "out", workers=1)
    titles = espress.load("articles", hydrated=tmp_path / "out", as_="pandas").title
    assert {f"Headline {number}" for number in range(1, 9)} <= set(titles)
    assert done.kept == 8
    assert done.pages - done.kept == 5
    check_counts(done)


def test_remote_address_and_glob(tmp_path: Path) -> None:
    import fsspec

    with fsspec.open("memory://bucket/a.warc.gz", "wb") as file:
        file.write(write_warc(tmp_path / "a.warc.gz", [1, 2]).read_bytes())
    with fsspec.open("memory://bucket/notes.txt", "wb") as file:
        file.write(b"x")
    done = collect("memory://bucket/*.warc.gz", tmp_path / "out", workers=1)
    assert done.kept == 2
    found = pq.read_table(tmp_path / "out/data/provenance.parquet")["source"].to_pylist()
    assert all("/bucket/a.warc.gz#" in one for one in found)


def test_bytes_do_not_depend_on_workers_or_on_a_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_BATCH_PAGES", 4)
    files = [write_warc(tmp_path / f"{at}.warc.gz", range(at, at + 10)) for at in (0, 5, 20)]
    whole = collect(files, tmp_path / "one", workers=1)
    collect(files, tmp_path / "two", workers=2)
    assert read_data(tmp_path / "one") == read_data(tmp_path / "two")
    assert (whole.kept, whole.dropped) == (25, {"same_page": 5})
    check_counts(whole)
    for part in sorted((tmp_path / "two/work").glob("*/000001.arrow")):
        part.unlink()
        (part.parent / "done").unlink()
    again = collect(files, tmp_path / "two", workers=1)
    assert again.reused == 6
    assert read_data(tmp_path / "one") == read_data(tmp_path / "two")


def test_killed_run_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    warc = write_warc(tmp_path / "a.warc.gz", range(200))
    command = [sys.executable, "-m", "espress.cli.main", "collect", str(warc), "--workers", "1", "--out"]
    process = subprocess.Popen([*command, str(tmp_path / "killed")], start_new_session=True)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("killed/work/*/*.arrow")) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with pytest.raises(InputError, match="Type again: `espress collect"):
        espress.load("articles", hydrated=tmp_path / "killed")
    done = collect(warc, tmp_path / "killed", workers=1)
    assert done.reused > 0
    collect(warc, tmp_path / "whole", workers=1)
    assert read_data(tmp_path / "killed") == read_data(tmp_path / "whole")
    assert not list(tmp_path.glob("killed/.*"))


def test_later_source_reads_only_itself_and_a_changed_choice_reads_again(tmp_path: Path) -> None:
    first, second = (write_warc(tmp_path / f"{at}.warc.gz", range(at, at + 3)) for at in (0, 3))
    assert collect(first, tmp_path / "out", workers=1).reused == 0
    both = collect([first, second], tmp_path / "out", workers=1)
    assert (both.reused, both.kept) == (1, 6)
    chosen = collect([first, second], tmp_path / "out", topic="espionage", workers=1)
    assert (chosen.reused, chosen.kept, chosen.dropped) == (0, 0, {"off_topic": 6})


def test_topic_and_catalogue_choose_pages(tmp_path: Path) -> None:
    entry = next(row for row in espress.load("catalogue", as_="arrow").to_pylist() if not row["own_article"])
    about = make_page(1, "A court jailed a Chinese spy for espionage on behalf of the state security")
    later = make_page(2, "The court spoke of a spy")
    pages = [response(about, url="https://news.example/1"), response(later, url="https://news.example/2"),
             response(make_page(3), url=entry["url"]), record("request", b"GET / HTTP/1.1\r\n\r\n")]  # fmt: skip
    (tmp_path / "a.warc").write_bytes(b"".join(pages))
    topical = collect(tmp_path / "a.warc", tmp_path / "topic", topic="espionage", workers=1)
    assert (topical.kept, topical.dropped, topical.left_out) == (1, {"off_topic": 2}, {"request": 1})
    kept = pq.read_table(tmp_path / "topic/data/provenance.parquet").to_pylist()
    assert [(row["url"], row["topic_language"]) for row in kept] == [("https://news.example/1", "en")]
    listed = collect(tmp_path / "a.warc", tmp_path / "listed", catalogue=True, workers=1)
    assert listed.left_out == {"other_address": 3}
    assert listed.pages == 1
    check_counts(topical)


def test_articles_are_cut_into_files_that_every_reader_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(merge, "_SHARD_BYTES", 1)
    done = collect(write_warc(tmp_path / "a.warc.gz", range(100)), tmp_path / "out")
    files = sorted((tmp_path / "out/data").glob("articles-*.parquet"))
    assert len(files) > 1
    assert pq.ParquetFile(files[0]).metadata.row_group(0).column(0).statistics.has_min_max
    wanted = {"title": "Headline 99"}
    assert len(espress.load("articles", hydrated=done.folder, where=wanted)) == 1
    streamed: Any = espress.load("articles", hydrated=done.folder, streaming=True, as_="arrow", where=wanted)
    assert streamed.read_all().num_rows == 1
    sentences = espress.load("sentences", hydrated=done.folder, as_="arrow")
    assert set(sentences["article_id"].to_pylist()) == set(
        espress.load("articles", hydrated=done.folder, as_="arrow")["article_id"].to_pylist()
    )
    (name,) = espress.load("articles", hydrated=done.folder, where=wanted)["article_id"]
    page = tmp_path / "page.html"
    assert main(["show", name, "--hydrated", str(done.folder), "--html", str(page)]) == 0
    shown = page.read_text(encoding="utf-8")
    assert "Paragraph 99 a: The weather was fine in the valley" in shown
    assert "This article has no labels" in shown
    assert main(["show", name, "--hydrated", str(done.folder)]) == 0
    assert "Headline 99" in capsys.readouterr().out


def test_near_duplicates_form_groups(tmp_path: Path) -> None:
    words = " ".join(f"word{at}" for at in range(200))
    for name, text in (("a", words), ("b", words + " more"), ("c", "x " + words[::-1])):
        page = f"<html lang=en><title>T {name}</title><article><h1>T {name}</h1><p>{text}.</p></article></html>"
        (tmp_path / f"{name}.html").write_text(page, encoding="utf-8")
    collect(tmp_path / "a.html", tmp_path / "out", workers=1)
    done = collect([tmp_path / f"{name}.html" for name in "abc"], tmp_path / "out", workers=1)
    found = espress.load("articles", hydrated=done.folder, as_="pandas").set_index("title").duplicate_kind
    assert (found["T a"], found["T b"], found["T c"]) == ("near", "near", "none")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sources": "nowhere.warc"}, "does not exist"),
        ({"sources": "no-such-scheme://x"}, "cannot be reached"),
        ({"engine": "slow"}, "no engine 'slow'"),
        ({"workers": 0}, "1 or more"),
        ({"address": "auto"}, "engine ray only"),
    ],
)
def test_wrong_options_are_explained(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    given = {"sources": FIXTURES, "out": tmp_path / "out"} | options
    with pytest.raises(InputError, match=said):
        collect(**given)


def test_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="files of others"):
        collect(FIXTURES, tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


def test_page_that_hangs_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from espress_build.collect import engines
    from espress_build.pages.worker_pool import WorkerPool

    def make(choice: object, _workers: int) -> WorkerPool:
        return WorkerPool(_prepare, (choice, str(tmp_path / "0.html")), workers=1, seconds=2, memory_bytes=1 << 32)

    monkeypatch.setattr(engines, "_make_pool", make)
    for number in range(3):
        place = "HANG" if number == 1 else "valley"
        (tmp_path / f"{number}.html").write_bytes(make_page(number, f"The weather was fine in the {place}"))
    done = collect([tmp_path / f"{number}.html" for number in range(3)], tmp_path / "out", workers=1)
    assert (done.kept, done.rejected) == (2, {"no_article": 1})


def _prepare(choice: Any, page: str) -> Any:
    """Return a reader that hangs at some pages; for worker processes. The first page that it reads takes longer."""
    from espress_build.collect.reading import prepare_reader

    read = prepare_reader(choice)
    (unit,) = sources.list_units((page,))
    for batch in sources.read_batches(unit, read_params().pages):
        read(batch)

    def hang(batch: Any) -> Any:
        if any(b"HANG" in page.payload for page in batch.pages):
            time.sleep(60)
        return read(batch)

    return hang


def test_changed_page_and_damaged_batch_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "_SHARD_BYTES", 1)
    given, out = tmp_path / "given", tmp_path / "out"
    given.mkdir()
    for number in range(160):
        (given / f"{number:03d}.html").write_bytes(make_page(number))
    collect(given, out)
    before = {path.name: path.stat().st_ino for path in (out / "data").iterdir()}
    batches = len(list(out.glob("work/*/*.arrow")))
    (given / "080.html").write_bytes(make_page(1080))
    for damaged in [path for path in sorted(out.glob("work/*/*.arrow")) if path.stat().st_size > 1000][:2]:
        os.truncate(damaged, damaged.stat().st_size - 1)
    with pytest.warns(DamagedPartWarning, match="are read again"):
        done = collect(given, out)
    assert batches - done.reused in {2, 3}  # two batches, if one of the damaged ones is that of the changed page
    after = {path.name: path.stat().st_ino for path in (out / "data").iterdir()}
    same = {name for name, number in after.items() if before.get(name) == number}
    assert len({name for name in after if name.startswith("articles-")} - same) == 1
    assert {"hosts.parquet", "catalogue.parquet"} <= same
    collect(given, tmp_path / "whole")
    assert read_data(out) == read_data(tmp_path / "whole")


def test_full_disk_is_named_and_the_run_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from espress_build.collect.stored_batches import StoredBatches

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    warc = write_warc(tmp_path / "a.warc.gz", range(3))
    with monkeypatch.context() as patched:
        patched.setattr(StoredBatches, "store", fail)
        with pytest.raises(InputError, match="No space left"):
            collect(warc, tmp_path / "out", workers=1)
    assert collect(warc, tmp_path / "out", workers=1).kept == 3


def test_broken_records_cost_themselves_alone(tmp_path: Path) -> None:
    sound = [response(make_page(at), url=f"https://news.example/{at}") for at in range(3)]
    cut = response(make_page(9), more="WARC-Truncated: length\r\n")
    digest = response(make_page(8), more="WARC-Payload-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n")
    coded = response(make_page(7), b"Content-Encoding: gzip\r\n")  # unpacked by the crawler, which kept the header
    long = response(make_page(6), length=10**10)
    (tmp_path / "a.warc").write_bytes(b"".join([sound[0], cut, sound[1], digest, coded, sound[2], long]))
    done = collect(tmp_path / "a.warc", tmp_path / "out", workers=1)
    assert done.kept == 4
    assert done.pages == 4 + sum(done.rejected.values())
    reasons = pq.read_table(tmp_path / "out/data/rejects.parquet")
    assert {"incomplete"} <= set(reasons["reason"].to_pylist())
    check_counts(done)
