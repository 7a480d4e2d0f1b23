"""Time whole processes in turn, so that a slow minute of the machine affects all of them."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.files import BENCHMARKS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# No process uses the network.
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


@dataclass(frozen=True)
class Command:
    """A script (path in `benchmarks/`) with its arguments; the folders in `fresh` are removed before each run."""

    name: str
    script: str
    arguments: tuple[str, ...] = ()
    fresh: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Run:
    """Time and peak memory of one process; `peak_mib` is that of the process or of the largest of its workers."""

    seconds: float
    peak_mib: float


def run(command: Command) -> Run:
    """Run a command in a new process; if it fails, print its error output and raise CalledProcessError."""
    for folder in command.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    arguments = [sys.executable, str(BENCHMARKS / command.script), *command.arguments]
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(arguments, env=os.environ | OFFLINE, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            sys.stderr.write(errors.read().decode(errors="replace"))
            raise subprocess.CalledProcessError(process.returncode, arguments)
    unit = 2**20 if sys.platform == "darwin" else 2**10  # getrusage(2): bytes on macOS, KiB elsewhere
    return Run(seconds, used.ru_maxrss / unit)


def interleave(commands: Iterable[Command], rounds: int, *, warm_up: bool) -> dict[str, list[Run]]:
    """Run all commands in turn for a number of rounds; `warm_up` adds a first round that is not counted."""
    runs: dict[str, list[Run]] = {command.name: [] for command in commands}
    for number in range(-int(warm_up), rounds):
        for command in commands:
            taken = run(command)
            if number >= 0:
                runs[command.name].append(taken)
            print(".", end="", flush=True, file=sys.stderr)
    print(file=sys.stderr)
    return runs


def summary(runs: dict[str, list[Run]]) -> dict[str, dict[str, float]]:
    """Return median, least and most seconds, and the highest peak, of each command's runs."""
    found = {}
    for name, taken in runs.items():
        seconds = [one.seconds for one in taken]
        found[name] = {
            "median_s": round(statistics.median(seconds), 4),
            "least_s": round(min(seconds), 4),
            "most_s": round(max(seconds), 4),
            "peak_mib": round(max(one.peak_mib for one in taken)),
        }
    return found
