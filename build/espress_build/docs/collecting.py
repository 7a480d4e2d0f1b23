"""Generated sections on the speed of `espress collect`, from `make bench-scale`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.tables import format_markdown
from espress_build.docs.benchmarks import read_benchmark

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_READERS = {
    "local": (
        "`espress collect`",
        "tables of articles and units with offsets, hashes, masks, near-duplicates, rejects",
    ),
    "topic": ("`espress collect --topic espionage`", "the same, of pages on the topic"),
    "bodies": ("our page reader alone", "body"),
    "plain": ("script with trafilatura, htmldate and langdetect", "title, authors, date, body, language"),
    "datatrove": ("datatrove, its WARC reader and trafilatura", "body"),
}
_ENGINES = {
    "local": "processes (`--engine local`)",
    "ray": "Ray, tasks (`--engine ray`)",
    "ray_data": "Ray Data",
    "daft": "Daft",
    "dask": "Dask",
}
_FILE_BYTES, _FILES, _CORES = 1e9, 40_000, 96  # of the estimate for CC-NEWS


def _read(dataset: Path) -> Any:
    return read_benchmark(dataset, "scale", "make bench-scale")["collecting"]


def _show_speed(way: Any, workers: str) -> str | None:
    return f"{way[workers]['pages_s']:,.0f}" if workers in way else None


def _show_ratio(held: Any, name: str) -> str | None:
    ratio = held["two_workers"].get(name)
    return None if ratio is None else f"{ratio:.2f}"


def _show_times(ratio: float | None) -> str | None:
    return None if ratio is None else f"{ratio:.2f} times"


def _describe_run(held: Any) -> str:
    versions = {name: version for found in held["versions"].values() for name, version in found.items()}
    libraries = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    machine = held["machine"]
    return (
        f"{held['pages']:,} pages ({held['different_pages']} different ones) in {held['files']} WARC files, "
        f"{held['megabytes']:g} MB in all; medians of runs in turn (rounds: {held['rounds']}); "
        f"{machine['processor']}, Python {machine['python']}; {libraries}."
        + (f" {held['note']}" if "note" in held else "")
    )


def compare_readers(dataset: Path) -> str:
    """Compare pages per second with those of other readers of archives."""
    held = _read(dataset)
    rows = [
        (name, makes, held["ways"][way]["1"]["kept"], _show_speed(held["ways"][way], "1"),
         _show_speed(held["ways"][way], "2"), *(_show_times(held[key].get(way)) for key in ("ahead", "bodies_ahead")))
        for way, (name, makes) in _READERS.items() if way in held["ways"]
    ]  # fmt: skip
    header = [
        "reader", "what it writes", "articles", "pages a second, one core", "two cores",
        "`espress collect` is faster by", "our page reader alone is faster by",
    ]  # fmt: skip
    return f"{format_markdown(rows, header)}\n\n{_describe_run(held)}"


def compare_engines(dataset: Path) -> str:
    """Compare pages per second of the same functions on several engines."""
    held = _read(dataset)
    rows = [
        (name, _show_speed(held["ways"][way], "1"), _show_speed(held["ways"][way], "2"), _show_ratio(held, way),
         f"{held['ways'][way]['1']['start_s']:.1f}")
        for way, name in _ENGINES.items() if way in held["ways"]
    ]  # fmt: skip
    return format_markdown(rows, ["engine", "pages a second, one worker", "two workers", "ratio", "start, s"])


def tabulate_profile(dataset: Path) -> str:
    """Return the share of time of each step of collecting, in the order of the pipeline."""
    held = _read(dataset)
    steps, pages = held["profile"]["steps"], held["pages"]
    whole = sum(steps.values())
    rows = [
        (name, f"{seconds / whole:.1%}", f"{1000 * seconds / pages:.2f}")
        for name, seconds in sorted(steps.items(), key=lambda item: -item[1])
    ]
    rows.append(("all", "100.0%", f"{1000 * whole / pages:.2f}"))
    return format_markdown(rows, ["step", "share of time", "ms a page"])


def _estimate(dataset: Path) -> dict[str, float]:
    held = _read(dataset)
    per_page = 1e6 * held["megabytes"] / held["pages"]
    pages = _FILE_BYTES / per_page
    seconds = pages / held["ways"]["topic"]["1"]["pages_s"]
    hours = _FILES * seconds / 3600
    return {
        "page_kb": per_page / 1000,
        "pages": pages,
        "minutes": seconds / 60,
        "hours": hours,
        "days": hours / _CORES / 24,
    }


def _show_estimate(name: str) -> Callable[[Path], str]:
    return lambda dataset: f"{_estimate(dataset)[name]:,.{0 if _estimate(dataset)[name] >= 100 else 1}f}"


def _show_ahead(name: str) -> Callable[[Path], str]:
    return lambda dataset: f"{_read(dataset)['ahead'][name]:.2f}"


SECTIONS: dict[str, Callable[[Path], str]] = {
    "collecting-readers": compare_readers,
    "collecting-engines": compare_engines,
    "collecting-profile": tabulate_profile,
}
VALUES: dict[str, Callable[[Path], Any]] = {
    "pages_s": lambda dataset: f"{_read(dataset)['ways']['local']['1']['pages_s']:,.0f}",
    "topic_pages_s": lambda dataset: f"{_read(dataset)['ways']['topic']['1']['pages_s']:,.0f}",
    "ray_ratio": lambda dataset: _show_ratio(_read(dataset), "ray"),
    "ahead_datatrove": _show_ahead("datatrove"),
    "ahead_plain": _show_ahead("plain"),
    "file_page_kb": _show_estimate("page_kb"),
    "file_pages": lambda dataset: f"{round(_estimate(dataset)['pages'], -3):,.0f}",
    "file_minutes": _show_estimate("minutes"),
    "core_hours": lambda dataset: f"{round(_estimate(dataset)['hours'], -2):,.0f}",
    "cores_days": _show_estimate("days"),
    "stated_languages": lambda dataset: f"{_read(dataset)['profile']['stated_languages']:,}",
    "confirmed_languages": lambda dataset: f"{_read(dataset)['profile']['confirmed_languages']:,}",
}
