"""Compare the speed of `espress collect` with that of other libraries, and measure the time of each of its steps.

Each run is a separate process; one worker gets one core, two workers get two. Each library also reads an archive of a
few pages; the difference between its two runs excludes the time that libraries and clusters take to start.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.files import BENCHMARKS, ROOT
from benchmarks.scale.archives import write_archives

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FILES, FEW = 2, 4  # files of each archive, pages of the small one
_OFF = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0", "DO_NOT_TRACK": "1", "DAFT_PROGRESS_BAR": "0"}
_SECONDS = 600  # longest time of a run
_SHOWN = "import importlib.metadata as m, sys; print(*(f'{n}={m.version(n)}' for n in sys.argv[1:]), sep='\\n')"


@dataclass(frozen=True)
class Way:
    """A way to read archives: a script (in this folder) with arguments, and the environment below .make/ it needs.

    If `own` is true, the environment also sees our code and libraries; otherwise it sees only its own.
    """

    script: str
    more: tuple[str, ...] = ()
    environment: str | None = None
    libraries: tuple[str, ...] = ()
    own: bool = True
    workers: tuple[int, ...] = (1, 2)


WAYS = {
    "local": Way("collect_ours.py", ("local",)),
    "topic": Way("collect_ours.py", ("local", "espionage"), workers=(1,)),
    "bodies": Way("collect_bodies.py", workers=(1,)),
    "plain": Way("collect_plain.py", libraries=("trafilatura", "htmldate", "langdetect", "fastwarc")),
    "datatrove": Way("collect_datatrove.py", (), "datatrove", ("datatrove", "trafilatura", "warcio"), own=False),
    "ray": Way("collect_ours.py", ("ray",), "ray", ("ray",)),
    "ray_data": Way("collect_ray_data.py", (), "ray", ("ray",)),
    "daft": Way("collect_daft.py", (), "daft", ("daft",)),
    "dask": Way("collect_dask.py", (), "dask", ("dask", "distributed")),
}


@dataclass(frozen=True)
class _Run:
    seconds: float
    kept: int


def _find_python(way: Way) -> str | None:
    """Return the interpreter of a way; None if its environment is not there."""
    if way.environment is None:
        return sys.executable
    python = ROOT / ".make" / f"scale-{way.environment}" / "bin" / "python"
    return str(python) if python.is_file() else None


def _set_environment(way: Way) -> dict[str, str]:
    own = [path for path in sys.path if path and ("site-packages" in path or Path(path).is_relative_to(ROOT))]
    return os.environ | _OFF | {"PYTHONPATH": os.pathsep.join([str(ROOT), *own]) if way.own else ""}


@contextmanager
def _pin(workers: int) -> Iterator[None]:
    """Limit new processes to as many cores as there are workers, if the system can do so."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:workers])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _run(way: Way, archives: Path, workers: int) -> _Run:
    """Run a way once; raises CalledProcessError or TimeoutExpired, its output printed, if it fails."""
    with tempfile.TemporaryDirectory(prefix="es-", ignore_cleanup_errors=True) as home:  # paths of sockets are short
        script = str(BENCHMARKS / "scale" / way.script)
        arguments = [str(_find_python(way)), script, str(archives), f"{home}/out", str(workers), *way.more]
        environment = _set_environment(way) | {"TMPDIR": home, "RAY_TMPDIR": home}
        with _pin(workers):
            process = subprocess.Popen(
                arguments, cwd=home, env=environment, start_new_session=True, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
        start = time.perf_counter()
        try:
            shown, _ = process.communicate(timeout=_SECONDS)
            seconds = time.perf_counter() - start
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode:
        sys.stderr.write(shown)
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return _Run(seconds, int(shown.split()[-1]))


def _read_versions(way: Way) -> dict[str, str]:
    command = [str(_find_python(way)), "-c", _SHOWN, *way.libraries]
    shown = subprocess.run(command, env=_set_environment(way), capture_output=True, text=True, check=True).stdout
    return dict(line.split("=", 1) for line in shown.split())


def _summarise(runs: list[tuple[_Run, _Run]], pages: int) -> dict[str, Any]:
    speeds = [(pages - FEW) / max(more.seconds - less.seconds, 1e-3) for less, more in runs]
    return {
        "pages_s": round(statistics.median(speeds), 1),
        "least_pages_s": round(min(speeds), 1),
        "most_pages_s": round(max(speeds), 1),
        "start_s": round(statistics.median(less.seconds for less, _ in runs), 1),
        "whole_s": round(statistics.median(more.seconds for _, more in runs), 1),
        "kept": runs[0][1].kept,
        "rounds": [round(one, 1) for one in speeds],
    }


def _compare(speeds: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return medians over rounds of ratios of speeds: ours to other readers on one core, two workers to one."""

    def divide(one: dict[str, Any], other: dict[str, Any]) -> float:
        ratio: float = statistics.median(a / b for a, b in zip(one["rounds"], other["rounds"], strict=True))
        return round(ratio, 2)

    others = [name for name in ("plain", "datatrove") if name in speeds]
    return {
        "ahead": {name: divide(speeds["local"]["1"], speeds[name]["1"]) for name in others},
        "bodies_ahead": {name: divide(speeds["bodies"]["1"], speeds[name]["1"]) for name in others},
        "two_workers": {name: divide(one["2"], one["1"]) for name, one in speeds.items() if "2" in one},
    }


def measure_collecting(pages: int, rounds: int, names: Iterable[str] = WAYS) -> dict[str, Any]:
    """Run all installed ways in turn over archives of `pages` pages, for `rounds` rounds; print which are missing.

    If there is only one core, runs with two workers are left out.
    """
    there = {name: WAYS[name] for name in names if _find_python(WAYS[name])}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    plan = [(name, workers) for name, way in there.items() for workers in way.workers if workers <= cores]
    taken: dict[tuple[str, int], list[tuple[_Run, _Run]]] = {one: [] for one in plan}
    failed: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="espress-scale-") as home:
        few, many = Path(home, "few"), Path(home, "many")
        write_archives(few, FEW, FILES)
        size, different = write_archives(many, pages, FILES)
        for number in range(rounds):
            for name, workers in [one for one in plan if one[0] not in failed]:
                try:
                    less, more = (_run(there[name], archives, workers) for archives in (few, many))
                except subprocess.SubprocessError as error:
                    if name in ("local", "bodies"):
                        raise
                    print(f"  {name} is left out: {error}", file=sys.stderr)
                    failed.add(name)
                    continue
                taken[name, workers].append((less, more))
                shown = f"{less.seconds:.1f} s, {more.seconds:.1f} s, {more.kept} kept"
                print(f"  round {number + 1}: {name}, {workers} workers: {shown}", file=sys.stderr)
        profile = measure_profile(many)
    speeds: dict[str, dict[str, Any]] = {name: {} for name in there if name not in failed}
    for (name, workers), runs in taken.items():
        if name not in failed:
            speeds[name][str(workers)] = _summarise(runs, pages)
    return {
        "pages": pages, "different_pages": different, "files": FILES, "megabytes": round(size / 1e6, 1),
        "rounds": rounds, "ways": speeds, **_compare(speeds), "profile": profile,
        "versions": {name: _read_versions(there[name]) for name in speeds},
        "not_installed": sorted(set(WAYS) - set(there)), "failed": sorted(failed),
    }  # fmt: skip


def measure_profile(archives: Path) -> dict[str, Any]:
    """Return the seconds of each step of collecting archives in one process on one core, and counts of languages."""
    with tempfile.TemporaryDirectory(prefix="espress-scale-") as home:
        found = Path(home, "profile.json")
        _run(Way("collect_profile.py", (str(found),)), archives, 1)
        profile: dict[str, Any] = json.loads(found.read_text("utf-8"))
        return profile
