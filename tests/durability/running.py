"""What runs on the side of pytest: the handle of the warm process, and the real command in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ProcessPoolExecutor

RUN = (sys.executable, "-m", "espress_build.cli.main", "run")


class Warm:
    """A process of its own in which nothing but faults.py has run: it may fork, which pytest's own may not."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        """Take the pool of one process."""
        self._pool = pool

    def do(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function of a module in that process; returns what it returns."""
        return self._pool.submit(work, *arguments).result(timeout=900)


def quick(*arguments: str) -> list[str]:
    """Return the command without its checks; arguments before `--` are its own."""
    return [sys.executable, "-m", "tests.durability.quick", *arguments]


def children(process: int) -> dict[int, str]:
    """Return the ids of a process's children and how each was started; Linux only."""
    found = {}
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found.update({int(child): "" for child in task.read_text().split()})
    return {child: command for child in found if (command := command_of(child))}


def command_of(process: int) -> str:
    """Return how a process was started; empty once it is gone or dead and not yet waited for."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8").replace("\0", " ")
    except OSError:
        return ""


def until(happened: Callable[[], Any], seconds: float) -> Any:
    """Ask again and again, for so long at most; returns the last answer."""
    end = time.monotonic() + seconds
    while not (answer := happened()) and time.monotonic() < end:
        time.sleep(0.02)
    return answer


@dataclass(frozen=True)
class Built:
    """A build by the real command: where, what it said, how long it took."""

    project: Path
    said: str
    seconds: float

    @property
    def dataset(self) -> Path:
        """Where the dataset is."""
        return self.project / "dataset"


def real_build(project: Path, **environment: str) -> Built:
    """Type `espress-build run` in a project's folder, with nothing but this environment."""
    start = time.monotonic()
    done = subprocess.run(RUN, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Built(project, done.stdout, time.monotonic() - start)
