"""Publishing to the Hub with its real clients and a server that fails on purpose."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.release.publish.conftest import FIRST, SECOND
from tests.espress_build.release.publish.hub_server import TOKEN, Fault
from tests.helpers import read_files

from espress_build.pipeline.package import write_sums
from espress_build.release.publish.to_hub import connect

if TYPE_CHECKING:
    from pathlib import Path

    from tests.espress_build.release.publish.conftest import Project
    from tests.espress_build.release.publish.hub_server import Hub

REPO = "someone/espress"
TO_HUB = ("--to", "hub", "--repo", REPO)
OLDER = ("--version", FIRST)


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the reading back, which takes seconds, where a test is about something else."""
    monkeypatch.setattr("espress_build.release.publish.to_hub.find_differences", lambda *_given: "")


def test_dry_run_lists_every_file_and_sends_nothing(
    released: Project, hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    assert released.publish(*TO_HUB, *OLDER) == 0
    said = capsys.readouterr().out
    for name, data in read_files(released.home / "first").items():
        assert any(line.split()[::2] == [str(len(data)), name] for line in said.splitlines()), name
    assert f"tag v{FIRST}" in said
    assert REPO in said
    assert "Nothing was sent" in said
    assert hub.requests == []


def test_release_is_whole_under_its_tag_and_a_second_run_does_nothing(
    released: Project, hub: Hub, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    hub.faults.append(Fault("GET", "/storage/", "cut", client="datasets/"))
    assert released.publish(*TO_HUB, *OLDER, "--really") == 0, capsys.readouterr().err
    repository = hub.repositories[REPO]
    for revision in (f"v{FIRST}", "main"):
        assert hub.files(REPO, revision) == read_files(released.home / "first")
    assert set(repository.branches) == {"main"}
    order = [one.path for one in hub.requests]
    tagged = next(place for place, path in enumerate(order) if "/tag/" in path)
    read = [place for place, path in enumerate(order) if "/resolve/" in path]
    promoted = next(place for place, path in enumerate(order) if path.endswith("/commit/main"))
    assert min(read) < promoted < max(read) < tagged, "read back before `main` moves and before the tag"
    assert not [one for one in hub.requests if one.host == "localhost" and one.authorized]

    assert [path for path in tmp_path.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()] == []

    before = (dict(repository.branches), dict(repository.tags), len(repository.commits))
    hub.requests.clear()
    assert released.publish(*TO_HUB, *OLDER, "--really") == 0
    assert "nothing was done" in capsys.readouterr().out
    assert {one.method for one in hub.requests} <= {"GET", "HEAD"}
    assert before == (dict(repository.branches), dict(repository.tags), len(repository.commits))


def test_a_tag_with_other_bytes_is_never_moved(released: Project, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    there = hub.put(REPO, released.home / "second", tag=f"v{FIRST}")
    assert released.publish(*TO_HUB, *OLDER, "--really") == 2
    assert "never changes" in capsys.readouterr().err
    assert hub.repositories[REPO].tags == {f"v{FIRST}": there}
    assert {one.method for one in hub.requests} <= {"GET", "HEAD"}


def test_an_older_release_is_tagged_without_moving_main_back(released: Project, hub: Hub, unread: None) -> None:
    hub.put(REPO, released.home / "second", tag=f"v{SECOND}")
    assert released.publish(*TO_HUB, *OLDER, "--really") == 0
    assert hub.files(REPO, f"v{FIRST}") == read_files(released.home / "first")
    assert hub.files(REPO, "main") == read_files(released.home / "second")


def test_main_loses_what_the_new_release_does_not_have(released: Project, hub: Hub, unread: None) -> None:
    old = released.home / "old"
    shutil.copytree(released.home / "first", old)
    (old / "data" / "gone.parquet").write_bytes(b"PAR1")
    hub.put(REPO, old, tag="v1.0.0")
    hub.put(REPO, old, tag="nightly")
    assert released.publish(*TO_HUB, "--really") == 0
    assert hub.files(REPO, "main") == hub.files(REPO, f"v{SECOND}") == read_files(released.home / "second")


def test_transient_faults_are_retried(
    released: Project, hub: Hub, unread: None, capfd: pytest.CaptureFixture[str]
) -> None:
    hub.faults += [
        Fault("GET", "/refs$", "status", status=502),
        Fault("POST", "/api/repos/create", "lost"),
        Fault("POST", "/branch/", "lost"),
        Fault("POST", "/api/validate-yaml", "reset"),
        Fault("POST", "/preupload/", "status", status=429, headers=(("Retry-After", "1"),)),
        Fault("POST", "/objects/batch", "status", status=500),
        Fault("PUT", r"/storage/[0-9a-f]{64}$", "reset", times=3, after=100),
        Fault("PUT", r"/storage/[0-9a-f]{64}/2$", "reset", times=2, after=5000),
        Fault("PUT", r"/storage/[0-9a-f]{64}/3$", "lost"),
        Fault("POST", "/complete/", "status", status=503, times=2),
        Fault("POST", "/verify/", "lost"),
        Fault("POST", "/commit/draft", "reset", after=1000),
        Fault("POST", "/commit/draft", "status", status=503),
        Fault("POST", "/commit/draft", "lost"),
        Fault("GET", "/tree/", "cut"),
        Fault("POST", "/commit/main", "lost"),
        Fault("POST", "/tag/", "status", status=429, headers=(("Retry-After", "0"),)),
        Fault("POST", "/tag/", "lost"),
        Fault("DELETE", "/branch/", "lost"),
    ]
    assert released.publish(*TO_HUB, *OLDER, "--really") == 0, capfd.readouterr().err
    assert [fault for fault in hub.faults if fault.times] == []
    repository = hub.repositories[REPO]
    assert hub.files(REPO, f"v{FIRST}") == hub.files(REPO, "main") == read_files(released.home / "first")
    assert set(repository.branches) == {"main"}
    done = [one for one in hub.asked("POST", "/commit/") if one.status == 200]
    assert len(done) == 2, "a lost answer made a second commit"
    printed = capfd.readouterr()
    assert TOKEN not in printed.out + printed.err


def test_reading_back_retries_throttled_and_truncated_downloads(released: Project, hub: Hub) -> None:
    commit = hub.put(REPO, released.home / "first")
    hub.faults += [
        Fault("GET", "/storage/", "cut", times=2),
        Fault("GET", "/storage/", "status", status=429, headers=(("Retry-After", "0"),)),
        Fault("HEAD", "/resolve/.*README", "status", status=503),
    ]
    found = connect(REPO).read_back("files", commit)
    assert found.keys() == read_files(released.home / "first").keys()
    assert [fault for fault in hub.faults if fault.times] == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault("GET", "/storage/", "flip", times=1000),
        Fault("GET", "/resolve/.*README", "flip", times=1000),
        Fault("GET", "/storage/", "flip", times=1000, client="datasets/"),
    ],
    ids=["in large files", "in a document", "in what `datasets` alone gets"],
)
def test_a_changed_byte_stops_before_tag_and_main(
    released: Project, hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr("espress_build.release.publish.to_hub._READ_BACK_ATTEMPTS", 1)
    hub.put(REPO, released.home / "first")
    before = hub.repositories[REPO].branches["main"]
    hub.faults.append(replace(fault))
    assert released.publish(*TO_HUB, "--really") == 2
    assert "Nothing was tagged" in capsys.readouterr().err
    assert hub.repositories[REPO].tags == {}
    assert hub.repositories[REPO].branches["main"] == before


def test_a_draft_with_other_files_is_replaced(released: Project, hub: Hub, unread: None) -> None:
    hub.put(REPO, released.home / "first", branch=f"draft-{SECOND}")
    assert released.publish(*TO_HUB, "--really") == 0
    assert hub.files(REPO, f"v{SECOND}") == read_files(released.home / "second")


def test_a_server_that_stays_down_ends_the_command(
    released: Project, hub: Hub, capfd: pytest.CaptureFixture[str]
) -> None:
    hub.faults.append(Fault("POST", "/commit/draft", "status", status=503, times=1000))
    assert released.publish(*TO_HUB, *OLDER, "--really") == 2
    printed = capfd.readouterr()
    assert "503" in printed.err
    assert TOKEN not in printed.out + printed.err
    assert hub.repositories[REPO].tags == {}
    assert hub.files(REPO, "main") == {}


def test_a_wrong_or_missing_token_is_refused_and_not_shown(
    released: Project, hub: Hub, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secretThatOpensNothing")
    assert released.publish(*TO_HUB, *OLDER, "--really") == 2
    printed = capfd.readouterr()
    assert "401" in printed.err
    assert "hf_secretThatOpensNothing" not in printed.out + printed.err
    hub.requests.clear()
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", "/nowhere")
    assert released.publish(*TO_HUB, *OLDER, "--really") == 2
    assert "HF_TOKEN" in capfd.readouterr().err
    assert hub.requests == []


_KILLED = """
import os, signal, sys
from huggingface_hub import HfApi
import espress_build.release.publish.to_hub as hub
step = sys.argv[1]
act = getattr(HfApi, step)
seen = []
def die(*given, **named):
    done = act(*given, **named)
    seen.append(1)
    if len(seen) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return done
setattr(HfApi, step, die)
hub.find_differences = lambda *given: ""
from espress_build.cli.main import main
sys.exit(main(sys.argv[3:]))
"""


def _killed_after(step: str, times: int, project: Project, hub: Hub, home: Path) -> None:
    command = [sys.executable, "-c", _KILLED, step, str(times), "--project", str(project.home), "publish", *TO_HUB]
    environment = {**os.environ, **hub.environment(home)}
    done = subprocess.run([*command, *OLDER, "--really"], env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def test_killed_anywhere_a_second_run_finishes_the_work(released: Project, hub: Hub, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for step, times in (("create_repo", 1), ("upload_folder", 1), ("upload_folder", 2), ("create_tag", 1)):
        _killed_after(step, times, released, hub, home)
        assert bool(hub.repositories[REPO].tags) == (step == "create_tag"), "visible under the tag before all was done"
        sent = len(hub.asked("PUT", "/storage/"))
        if step == "upload_folder":
            hub.requests.clear()
            assert sent == (0 if times == 2 else sent), "sent again what was there"
    assert hub.files(REPO, f"v{FIRST}") == hub.files(REPO, "main") == read_files(released.home / "first")
    assert released.publish(*TO_HUB, *OLDER, "--really") == 0
    assert set(hub.repositories[REPO].branches) == {"main"}


def test_a_published_release_can_be_streamed(released: Project, hub: Hub) -> None:
    import datasets

    hub.put(REPO, released.home / "first", tag=f"v{FIRST}")
    rows = datasets.load_dataset(REPO, "sentences", revision=f"v{FIRST}", streaming=True, split="train")
    assert len(list(rows)) == 40


def test_a_changed_folder_is_refused(released: Project, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    folder = released.home / "first"
    with (folder / "LICENSE-DATA").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert released.publish(*TO_HUB, "--from", str(folder), "--really") == 2
    assert "LICENSE-DATA" in capsys.readouterr().err
    (folder / "SHA256SUMS").unlink()
    write_sums(folder)
    assert released.publish(*TO_HUB, "--from", str(folder), "--really") == 2
    assert "in releases/releases.json has" in capsys.readouterr().err
    assert hub.requests == []
