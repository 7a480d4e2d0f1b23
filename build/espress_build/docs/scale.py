"""Generated sections on how time and memory grow with the corpus, from `make bench-scale`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from espress.tables import format_markdown
from espress_build.docs.benchmarks import read_benchmark

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LINKING = {"disk": "from files, band by band", "memory": "all sketches in memory"}
_CHECKING = {
    "plain": "the conditions of levels 2 and 3, as bare DuckDB queries",
    "ours": "the checks of levels 2 and 3, as the build runs them",
    "pandas": "Great Expectations in pandas",
}
_BUILDING = {"full": "every article computed", "unchanged": "nothing changed", "changed": "one record changed"}


def _read(dataset: Path, part: str) -> Any:
    return read_benchmark(dataset, "scale", "make bench-scale")[part]


def compare_linking(dataset: Path) -> str:
    """Return time and memory of linking, by number of articles and way, with exponents."""
    held = _read(dataset, "links")
    rows: list[tuple[object, ...]] = [
        (f"{int(size):,}", name, f"{one['seconds']:.2f}", f"{one['mib']:,.0f}")
        for way, name in _LINKING.items()
        for size, one in held["sizes"][way].items()
    ]
    rows += [("exponent", _LINKING[way], *map(str, one.values())) for way, one in held["exponents"].items()]
    note = (
        f"Memory is the peak of the process, mapped files included, less the {held['base_mib']} MiB of a process that "
        "links nothing. An exponent of 1 means growth in proportion to the number of articles."
    )
    return f"{format_markdown(rows, ['articles', 'sketches', 'seconds', 'MiB'])}\n\n{note}"


def compare_checking(dataset: Path) -> str:
    """Return time and memory of the checks of columns and values, by number of rows and way."""
    held = _read(dataset, "checks")
    rows: list[tuple[object, ...]] = [
        (f"{int(size):,}", name, f"{one['seconds']:.2f}", f"{one['mib']:,}")
        for way, name in _CHECKING.items()
        for size, one in held["sizes"][way].items()
    ]
    return format_markdown(rows, [f"rows of `{held['table']}`", "way", "seconds", "peak memory, MiB"])


def compare_builds(dataset: Path) -> str:
    """Return time and memory of builds with a cache, by what changed since the last one."""
    held = _read(dataset, "incremental")
    first = held["steps"]["full"]
    rows: list[tuple[object, ...]] = [
        (
            name,
            *(f"{one[key]:,.1f} ({one[key] / first[key]:.1%})" for key in ("stages_s", "seconds")),
            f"{one['mib']:,}",
        )
        for step, name in _BUILDING.items()
        for one in (held["steps"][step],)
    ]
    table = format_markdown(rows, ["build", "stages, s", "stages and files, s", "peak memory, MiB"])
    return f"{table}\n\n{held['articles']:,} invented articles, one process; in brackets the share of a full build."


def _show_recall(dataset: Path, name: str) -> str:
    return str(_read(dataset, "recall")[name])


SECTIONS: dict[str, Callable[[Path], str]] = {
    "scale-links": compare_linking,
    "scale-checks": compare_checking,
    "scale-builds": compare_builds,
}
VALUES: dict[str, Callable[[Path], Any]] = {
    name: partial(_show_recall, name=name) for name in ("articles", "threshold", "recall", "recall_clear", "precision")
}
