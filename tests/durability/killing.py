"""Killing a build at every point at which it touches the disk. Runs in the warm process, as all of faults.py."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

from tests.disk_points import watch_disk
from tests.durability.faults import NEW, build, leftovers, put, state, wait

from espress_build.pipeline import dataset_swap

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Killed:
    """What one kill left, and what became of it."""

    kind: str  # of the point: what the build was about to do
    inside: bool  # whether the exchange had begun
    ended: int  # how the killed process ended
    left: str  # what stood in the dataset's place
    recovered: str  # what stands there after the first step of the next build
    beside: list[str]  # what lies beside it then
    rebuilt: str | None = None  # what a whole next build left, where one was run


class Points:
    """At each point of a build, forks it and kills the one of the two; the disk is looked at before the other goes on.

    So each kill is real, of a process with the build's memory and open files, and costs a fork and no whole build.
    Points are the calls that tests/disk_points.py watches, and, to see what goes past them, every opening for writing,
    making, renaming and removing that the interpreter audits: their names begin with `os.`.
    """

    AUDITED = ("os.mkdir", "os.rename", "os.remove", "os.rmdir")

    def __init__(self, dataset: Path, spares: Path, every: int, whole_every: int) -> None:
        """Kill at every `every`-th point outside the exchange; keep a copy of what every `whole_every`-th kill left."""
        self.dataset, self.spares, self.every, self.whole_every = dataset, spares, every, whole_every
        self.killed: list[Killed] = []
        self.count = 0
        self.inside = self.looking = False

    def start(self) -> None:
        """Kill from now on. An audit hook stays for good, so this is for forked children."""
        exchange = dataset_swap.exchange

        def watched(target: Path) -> None:
            self.inside = True
            exchange(target)
            self.inside = False

        mock.patch.object(dataset_swap, "exchange", watched).start()
        watch_disk(self.reach)
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or event in self.AUDITED:
            self.reach("os.open" if writes else event)

    def reach(self, kind: str) -> None:
        """Stand at a point."""
        if self.looking:
            return
        self.looking = True
        every = 1 if self.inside else self.every
        if kind == "os.remove":  # of each file of the old dataset
            every = 8
        if self.count % every == 0:
            self._kill(kind)
        self.count += 1
        self.looking = False

    def _kill(self, kind: str) -> None:
        child = os.fork()
        if not child:
            os.kill(os.getpid(), signal.SIGKILL)
        ended, left = wait(child), state(self.dataset)
        if len(self.killed) % self.whole_every == 0:
            shutil.copytree(self.dataset.parent, self.spares / f"{len(self.killed)}")
        shutil.copytree(self.dataset.parent, self.spares / "now", copy_function=os.link)  # nothing writes into them
        copy = self.spares / "now" / self.dataset.name
        dataset_swap.recover(copy)
        beside = [path.name for path in leftovers(copy)]
        self.killed.append(Killed(kind, self.inside, ended, left, state(copy), beside))
        shutil.rmtree(copy.parent)


def _write_report(answer: Path, counter: Points) -> None:
    answer.write_text(json.dumps(counter.killed, default=vars), encoding="utf-8")


def kill_everywhere(folder: Path, first: str, how: str, every: int, whole_every: int = 4) -> list[Killed]:
    """Kill a build of the new edition over `first` at every point; returns what each kill left, in order."""
    dataset, spares, answer = folder / "beside" / "dataset", folder / "spares", folder / "answer"
    put(dataset, first)
    spares.mkdir()
    counter = Points(dataset, spares, every, whole_every)
    assert (
        build(dataset, NEW, how, counter.start, lambda: answer.write_text(json.dumps(counter.killed, default=vars)))
        == 0
    )
    killed = [Killed(**one) for one in json.loads(answer.read_text(encoding="utf-8"))]
    for spare in spares.iterdir():
        code = build(copy := spare / dataset.name, NEW, how)
        beside = "".join(f", {path.name} beside" for path in leftovers(copy))
        killed[int(spare.name)].rebuilt = f"{state(copy)}{beside}" + (f", exit code {code}" if code else "")
    return killed
