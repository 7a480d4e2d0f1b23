"""Collecting on a Ray cluster of two nodes gives the bytes of one process, whatever the cluster loses.

A worker is killed, the object store is full, a node is lost. Both nodes are on this machine. `make test-ray` runs this
file.
"""

from __future__ import annotations

import gzip
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.pages.archives import response
from tests.helpers import read_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="Ray is not installed; type: make test-ray")

ENVIRONMENT = os.environ | {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(Path.cwd())}
RAY = Path(sys.executable).parent / "ray"
PAGES = sorted([*Path("tests/fixtures/pages").glob("*.html"), *Path("tests/fixtures/page_cases").glob("*.html")])
FILES, PAGES_EACH, LARGE = 2, 150, 1200
STORE_BYTES = 80_000_000  # little more than the least that Ray takes


def make_record(at: int) -> bytes:
    """Return the record of a page made from the fixtures."""
    page = PAGES[at % len(PAGES)].read_bytes().replace(b"</p>", b" Item %d.</p>" % at, 3)
    return response(page, url=f"https://site{at % 7}.example/{at}")


def write_warcs(folder: Path) -> None:
    """Write small WARC files, each read by one task, and a large one, read by several."""
    folder.mkdir()
    for number in range(FILES):
        with (folder / f"{number}.warc.gz").open("wb") as file:
            for at in range(number * PAGES_EACH, (number + 1) * PAGES_EACH):
                file.write(gzip.compress(make_record(at), 1))
    with (folder / "large.warc").open("wb") as file:
        for at in range(FILES * PAGES_EACH, FILES * PAGES_EACH + LARGE):
            file.write(make_record(at))
        file.write(response(bytes(17 << 20)))  # too large a page, and with it the file is one that is cut


def find_port() -> int:
    """Return a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def start_cluster(temporary: Path) -> Iterator[tuple[str, list[int]]]:
    """Start a head and a second node of one core each, yield address and processes, and end all that was started."""
    port = find_port()
    common = ["--num-cpus=1", f"--object-store-memory={STORE_BYTES}", "--block", "--disable-usage-stats"]
    head = ["--head", f"--port={port}", "--node-ip-address=127.0.0.1", f"--temp-dir={temporary}",
            "--include-dashboard=false"]  # fmt: skip
    nodes = []
    try:
        for own in (head, [f"--address=127.0.0.1:{port}", "--node-ip-address=127.0.0.1"]):
            nodes.append(subprocess.Popen([RAY, "start", *own, *common], env=ENVIRONMENT, start_new_session=True,
                                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))  # fmt: skip
            wait_for_nodes(f"127.0.0.1:{port}", len(nodes))
        yield f"127.0.0.1:{port}", [node.pid for node in nodes]
    finally:
        for node in reversed(nodes):
            children = list_descendants(node.pid)
            node.send_signal(signal.SIGTERM)
            try:
                node.wait(30)
            except subprocess.TimeoutExpired:
                node.kill()
            for child in children:
                kill(child)


def wait_for_nodes(address: str, number: int) -> None:
    """Wait until a cluster has so many nodes."""
    asked = (
        "import ray, sys, time; ray.init(address=sys.argv[1], log_to_driver=False)\n"
        "while sum(one['Alive'] for one in ray.nodes()) < int(sys.argv[2]): time.sleep(0.5)"
    )
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        command = [sys.executable, "-c", asked, address, str(number)]
        if subprocess.run(command, env=ENVIRONMENT, capture_output=True, timeout=180, check=False).returncode == 0:
            return
        time.sleep(1)
    pytest.fail("the cluster does not start")


def list_processes() -> dict[int, tuple[int, str]]:
    """Return parent and command of each process."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            found[int(entry.name)] = (parent, (entry / "cmdline").read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return found


def list_descendants(root: int) -> list[int]:
    """Return the processes that a process started, and those that these started."""
    processes, found = list_processes(), [root]
    for one in found:
        found += [number for number, (parent, _) in processes.items() if parent == one]
    return found[1:]


def find_workers(nodes: list[int]) -> list[int]:
    """Return the processes of a cluster that read files now."""
    processes, own = list_processes(), [one for node in nodes for one in list_descendants(node)]
    return [
        one for one in own if one in processes and processes[one][1].startswith(("ray::_read_unit", "ray::_read_piece"))
    ]


def kill(process: int) -> None:
    """Kill a process that may have ended."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


class Collections:
    """The sources, and what one process makes of them."""

    def __init__(self, home: Path) -> None:
        """Collect on this machine."""
        self.home = home
        write_warcs(home / "given")
        self.command = [sys.executable, "-m", "espress.cli.main", "collect", str(home / "given"), "--out"]
        done = subprocess.run([*self.command, str(home / "local"), "--workers", "2"], env=ENVIRONMENT, check=False)
        assert done.returncode == 0

    def run(self, name: str, address: str, harm: Callable[[], bool]) -> None:
        """Collect on a cluster; `harm` is called from the first stored batch on, until it returns True."""
        options = [str(self.home / name), "--engine", "ray", "--address", address]
        done = False
        with subprocess.Popen([*self.command, *options], env=ENVIRONMENT, start_new_session=True) as run:
            while run.poll() is None:
                done = done or (bool(list(self.home.glob(f"{name}/work/*/*.arrow"))) and harm())
                time.sleep(0.02)
        assert done, "the run ended before anything was lost"
        assert run.returncode == 0
        for place in ("data", "collected.json"):
            ours, theirs = self.home / "local" / place, self.home / name / place
            assert read_files(ours) == read_files(theirs) if ours.is_dir() else ours.read_bytes() == theirs.read_bytes()


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Collections:
    return Collections(tmp_path_factory.mktemp("collections"))


# Holds more objects than the store of its node has room for, until its input ends.
FILL = """
import sys, numpy, ray
ray.init(address=sys.argv[1], log_to_driver=False)
held = [ray.put(numpy.full(20_000_000, number, dtype=numpy.uint8)) for number in range(8)]
print("full", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
def test_killed_worker_and_full_object_store(
    collections: Collections, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with start_cluster(tmp_path_factory.mktemp("ray")) as (address, nodes):

        def kill_worker() -> bool:
            for worker in find_workers(nodes)[:1]:
                kill(worker)
                return True
            return False

        command = [sys.executable, "-c", FILL, address]
        with subprocess.Popen(command, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as filler:
            assert filler.stdout
            assert filler.stdout.readline() == b"full\n"
            collections.run("killed", address, kill_worker)
            filler.communicate(b"")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
def test_lost_node(collections: Collections, tmp_path_factory: pytest.TempPathFactory) -> None:
    with start_cluster(tmp_path_factory.mktemp("ray")) as (address, nodes):

        def lose_node() -> bool:
            if not find_workers(nodes[1:]):
                return False
            for process in [nodes[1], *list_descendants(nodes[1])]:
                kill(process)
            return True

        collections.run("lost", address, lose_node)


def test_address_without_a_cluster_is_named(tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "a.warc").write_bytes(make_record(0))
    command = [
        sys.executable,
        "-m",
        "espress.cli.main",
        "collect",
        str(tmp_path / "given"),
        "--out",
        str(tmp_path / "x"),
    ]
    done = subprocess.run(
        [*command, "--engine", "ray", "--address", "127.0.0.1:1"], env=ENVIRONMENT, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"Ray does not start at 127.0.0.1:1" in done.stderr
