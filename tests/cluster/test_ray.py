"""Collecting on a Ray cluster of two nodes, of which a worker is killed, gives the bytes of one process.

Both nodes are on this machine. `make test-ray` runs this file.
"""

from __future__ import annotations

import gzip
import importlib.metadata
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
    from collections.abc import Iterator

try:
    importlib.metadata.version("ray")
except importlib.metadata.PackageNotFoundError:
    pytest.skip("Ray is not installed; type: make test-ray", allow_module_level=True)

ENVIRONMENT = os.environ | {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(Path.cwd())}
RAY = Path(sys.executable).parent / "ray"
PAGES = sorted([*Path("tests/fixtures/pages").glob("*.html"), *Path("tests/fixtures/page_cases").glob("*.html")])
FILES, PAGES_EACH = 4, 150


def write_warcs(folder: Path) -> None:
    """Write WARC files of some hundred pages, made from the fixtures."""
    folder.mkdir()
    for number in range(FILES):
        with (folder / f"{number}.warc.gz").open("wb") as file:
            for at in range(number * PAGES_EACH, (number + 1) * PAGES_EACH):
                page = PAGES[at % len(PAGES)].read_bytes().replace(b"</p>", b" Item %d.</p>" % at, 3)
                file.write(gzip.compress(response(page, url=f"https://site{at % 7}.example/{at}"), 1))


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
    common = ["--num-cpus=1", "--object-store-memory=100000000", "--block", "--disable-usage-stats"]
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
    return [one for one in own if one in processes and processes[one][1].startswith("ray::_read_unit")]


def kill(process: int) -> None:
    """Kill a process that may have ended."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
def test_two_nodes_and_a_killed_worker_give_the_same_bytes(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    write_warcs(tmp_path / "given")
    collect = [sys.executable, "-m", "espress.cli.main", "collect", str(tmp_path / "given"), "--out"]
    done = subprocess.run([*collect, str(tmp_path / "local"), "--workers", "1"], env=ENVIRONMENT, check=False)
    assert done.returncode == 0
    killed = 0
    with start_cluster(tmp_path_factory.mktemp("ray")) as (address, nodes):
        options = [str(tmp_path / "ray"), "--engine", "ray", "--address", address]
        with subprocess.Popen([*collect, *options], env=ENVIRONMENT, start_new_session=True) as run:
            while run.poll() is None:
                if not killed and list(tmp_path.glob("ray/work/*/*.arrow")):
                    for worker in find_workers(nodes)[:1]:
                        kill(worker)
                        killed += 1
                time.sleep(0.02)
        assert run.returncode == 0
    assert killed == 1
    assert read_files(tmp_path / "local/data") == read_files(tmp_path / "ray/data")
    assert (tmp_path / "local/collected.json").read_bytes() == (tmp_path / "ray/collected.json").read_bytes()


def test_address_without_a_cluster_is_named(tmp_path: Path) -> None:
    write_warcs(tmp_path / "given")
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
