"""Collect: read sources, keep the pages asked for, and write tables that `espress.load(…, hydrated=DIR)` reads."""

from __future__ import annotations

import json
import os
import warnings
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from filelock import FileLock
from tqdm import tqdm

from espress.data.hydrated import COLLECTED, CONTENTS
from espress.errors import InputError, require
from espress.files import hash_file, replace_file, sync_folder
from espress.installation import how_to_install
from espress.tables import join_few
from espress_build.collect import merge
from espress_build.collect.choice import Choice
from espress_build.collect.engines import read_local, read_ray
from espress_build.collect.sources import list_units
from espress_build.collect.stored_batches import PACKED, StoredBatches
from espress_build.collect.topic import read_topic
from espress_build.hydrate.choose import read_corpus
from espress_build.hydrate.output_folder import explain_errors
from espress_build.hydrate.run import LIBRARIES
from espress_build.pages.worker_pool import WorkerPoolError
from espress_build.pipeline import dataset_swap
from espress_build.pipeline.result_cache import ResultCache

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from espress_build.collect.reading import Result
    from espress_build.collect.sources import Unit
    from espress_build.hydrate.choose import Corpus

Engine = Literal["local", "ray"]
ENGINES = ("local", "ray")
_SUMMARY = "collected.json"
_LOCK = "lock"
_OWN = {COLLECTED, "data", CONTENTS, _SUMMARY, _LOCK}


class DamagedPartWarning(UserWarning):
    """A stored batch of an earlier run does not have the bytes that were written; its pages are read again."""


@dataclass(frozen=True)
class Collected:
    """The counts of a folder: each of the `pages` is either `kept`, or in `rejected` or `dropped` under its reason.

    `left_out` counts the parts of archives that are not pages, by kind (requests, images, other addresses). `reused` is
    the number of batches that an earlier run stored.
    """

    folder: Path
    pages: int
    kept: int
    rejected: dict[str, int]
    dropped: dict[str, int]
    left_out: dict[str, int]
    reused: int

    def __str__(self) -> str:
        """Return a few lines for people."""
        lines = [f"{self.folder}: {self.kept:,} articles of {self.pages:,} pages"]
        lines += [f"{number:>9,}  {reason} (dropped)" for reason, number in self.dropped.items()]
        lines += [f"{number:>9,}  {reason} (rejected)" for reason, number in self.rejected.items()]
        if self.left_out:
            lines.append(f"not counted as pages: {join_few([f'{n:,} {name}' for name, n in self.left_out.items()], 6)}")
        if self.reused:
            lines.append(f"{self.reused:,} batches came from an earlier run")
        return "\n".join(lines)


def collect(  # noqa: PLR0913 - each names one thing that a user chooses, all by keyword
    sources: str | Path | Iterable[str | Path],
    out: str | Path,
    *,
    catalogue: bool = False,
    topic: str | Path | None = None,
    engine: Engine = "local",
    workers: int | None = None,
    address: str | None = None,
    source: str | Path | None = None,
) -> Collected:
    """Make tables of the corpus's schema from web archives and saved pages.

    If the same call is made again after a stop, the run continues where it was and gives the same bytes, which do not
    depend on the engine or the number of workers. Batches that were read stay in `OUT/work`, so that a later run with
    further sources reads only the new sources; you may delete `OUT/work`.

    Args:
        sources: WARC files (plain, gzip, zstd), WACZ files, folders or files of saved pages, JSON Lines or Parquet with
            `url`, and `html` or `text`; paths, globs, or addresses of fsspec such as `s3://…`.
        out: a new folder, or that of an earlier run. `espress.load("articles", hydrated=out)` reads it.
        catalogue: keep pages at addresses of the catalogue.
        topic: keep pages on a topic: a TOML file of word lists, or the name of a topic of the project (`espionage`).
            With neither, all pages are kept; with both, a page is kept for either reason.
        engine: `local` for processes on this machine, `ray` for a Ray cluster.
        workers: number of processes; None means all cores. On a running Ray cluster, all its CPUs are used.
        address: address of a running Ray cluster; None starts Ray on this machine.
        source: the dataset with the catalogue; None means the bundled one.

    Returns:
        The counts of the run; also in `OUT/collected.json`.

    Raises:
        InputError: a source does not exist or cannot be reached, the topic file is not valid, `out` holds files of
            others or cannot be written, or a worker was ended from outside.
        MissingLibraryError: a library is not installed.
        DatasetMissingError, DamagedDataError: as `espress.load`.
    """
    require(LIBRARIES, "Collecting", how_to_install("hydrate"))
    _check_options(engine, workers, address)
    given = (sources,) if isinstance(sources, str | Path) else tuple(sources)
    chosen_topic = None if topic is None else read_topic(topic)
    corpus = read_corpus(source)
    choice = Choice(tuple(corpus.catalogue) if catalogue else None, chosen_topic)
    units = list_units(tuple(map(str, given)))
    folder = Path(out)
    with explain_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if foreign := sorted(one.name for one in folder.iterdir() if one.name not in _OWN and one.name[0] != "."):
            raise InputError([f"{folder} holds files of others: {join_few(foreign)}. Name another folder."])
        with FileLock(folder / _LOCK, timeout=0):
            batches = StoredBatches(folder / COLLECTED, choice)
            stored = _find_stored(batches, units)
            reused = sum(map(len, stored.values()))
            waiting = [unit for unit in units if not batches.is_done(unit, stored[unit.key])]
            _read(waiting, choice, batches, stored, engine, workers or os.cpu_count() or 1, address)
            counts = _write(folder, batches.list_files(units), corpus)
            batches.forget_others(units)
    return Collected(folder, **asdict(counts), reused=reused)


def _find_stored(batches: StoredBatches, units: list[Unit]) -> dict[str, frozenset[int]]:
    """Return the numbers of the stored batches of each unit; say which are damaged and will be read again."""
    stored = {}
    for unit in units:
        stored[unit.key], damaged = batches.find_stored(unit)
        for path in damaged:
            text = f"{path} is damaged; its pages of {unit.files[0]} are read again."
            warnings.warn(text, DamagedPartWarning, stacklevel=3)
    return stored


def _check_options(engine: str, workers: int | None, address: str | None) -> None:
    if engine not in ENGINES:
        raise InputError([f"There is no engine {engine!r}; engines: {', '.join(ENGINES)}."])
    if workers is not None and workers < 1:
        raise InputError([f"{workers} workers make no sense; give 1 or more."])
    if address is not None and engine != "ray":
        raise InputError(["An address is for the engine ray only. Add --engine ray, or leave it out."])


def _read(  # noqa: PLR0913, PLR0917 - called once; the only place where engines differ
    units: list[Unit], choice: Choice, batches: StoredBatches, stored: dict[str, frozenset[int]], engine: Engine,
    workers: int, address: str | None,
) -> None:  # fmt: skip
    """Read the units that are not done, and store each batch as it comes."""
    if not units:
        return
    if engine == "local":
        results = read_local(units, choice, stored, workers)
    else:
        results = read_ray(units, choice, stored, address, workers)
    there: dict[str, set[int]] = defaultdict(set)
    last: dict[str, int] = {}
    try:
        for result in _show_progress(results, units):
            batches.store(result)
            there[result.unit].add(result.number)
            if result.last:
                last[result.unit] = result.number
            if len(there[result.unit]) == last.get(result.unit, -2) + 1:
                batches.finish(result.unit, len(there[result.unit]))
    except WorkerPoolError as error:
        raise InputError([f"{error} The batches that were read are kept."]) from error


def _show_progress(results: Iterator[Result], units: list[Unit]) -> Iterator[Result]:
    """Show progress, speed, the number of kept and dropped pages, and the time left; on a terminal only."""
    sizes = {unit.key: unit.size for unit in units}
    whole, done, done_pages, kept = sum(sizes.values()), 0, 0, 0
    pages: dict[str, int] = defaultdict(int)
    with tqdm(desc="collecting", unit=" page", disable=None) as bar:
        for result in results:
            yield result
            pages[result.unit] += result.pages
            kept += result.tables["articles"].num_rows if result.tables else 0
            if result.last:  # pages are expected in proportion to the bytes of the files that were read
                done, done_pages = done + sizes[result.unit], done_pages + pages[result.unit]
                bar.total = round(done_pages * whole / done) if done else None
            bar.update(result.pages)
            bar.set_postfix(kept=kept, dropped=bar.n - kept, refresh=False)


def _keep_file(old: Path, new: Path, digest: str) -> None:
    """Put an old file in place of a new one with the same content, so that it does not count as changed."""
    if old.is_file() and old.stat().st_size == new.stat().st_size and hash_file(old) == digest:
        beside = new.with_name(f".{new.name}.old")
        try:
            beside.hardlink_to(old)
        except OSError:  # the file system has no links
            return
        beside.replace(new)


def _write(folder: Path, files: list[Path], corpus: Corpus) -> merge.Counts:
    """Write the tables in place of the old ones; in between, the folder counts as not complete."""
    data, contents = folder / "data", folder / CONTENTS
    dataset_swap.recover(data)
    cache = ResultCache(folder / COLLECTED / PACKED)
    with dataset_swap.scratch(data) as aside:
        counts = merge.write_tables(files, dataset_swap.staging(data), aside, corpus, cache)
    cache.keep_used()
    made = dataset_swap.staging(data)
    hashes = {path.name: hash_file(path) for path in sorted(made.iterdir())}
    for name, digest in hashes.items():
        _keep_file(data / name, made / name, digest)
    sync_folder(made)
    contents.unlink(missing_ok=True)
    dataset_swap.exchange(data)
    place = {name: getattr(corpus.place, name) for name in ("version", "edition", "root")}
    about = place | {"source": corpus.source} | asdict(counts)
    replace_file(folder / _SUMMARY, (json.dumps(asdict(counts), indent=2) + "\n").encode())
    replace_file(contents, (json.dumps(about | {"files": hashes}, indent=2) + "\n").encode())
    return counts
