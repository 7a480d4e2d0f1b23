"""Publishing to Zenodo: one draft, complete or not published, found again after every kind of failure."""

from __future__ import annotations

import tarfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

from tests.espress_build.release.publish.conftest import FIRST, SECOND
from tests.espress_build.release.publish.faulty_server import Fault
from tests.espress_build.release.publish.zenodo_server import TOKEN, Zenodo

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from tests.espress_build.release.publish.conftest import Project


def _publish(released: Project, zenodo: Zenodo, *more: str) -> int:
    return released.publish("--to", "zenodo", "--endpoint", zenodo.root, *more)


def _only(zenodo: Zenodo) -> dict[str, Any]:
    (deposit,) = zenodo.deposits.values()
    return deposit


def test_dry_run_lists_the_archive_and_sends_nothing(
    released: Project, zenodo: Zenodo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZENODO_TOKEN")
    assert _publish(released, zenodo) == 0
    said = capsys.readouterr().out
    assert f"espress-{SECOND}-open.tar.gz" in said
    assert zenodo.requests == []


def test_a_draft_is_published_once(released: Project, zenodo: Zenodo, capsys: pytest.CaptureFixture[str]) -> None:
    assert _publish(released, zenodo, "--really", "--version", FIRST) == 0
    assert "add --publish" in capsys.readouterr().out
    assert not _only(zenodo)["submitted"]
    (number,) = zenodo.files
    archive = released.home / "releases" / "archives" / f"espress-{FIRST}-open.tar.gz"
    assert zenodo.files[number][archive.name] == archive.read_bytes()
    with tarfile.open(fileobj=BytesIO(zenodo.files[number][archive.name])) as packed:
        assert f"espress-{FIRST}-open/SHA256SUMS" in packed.getnames()
    assert _only(zenodo)["metadata"]["version"] == FIRST
    assert _only(zenodo)["metadata"]["publication_date"] == "2026-11-21"

    assert _publish(released, zenodo, "--really", "--version", FIRST, "--publish") == 0
    assert f"espress-build release {FIRST} --doi 10.5072/zenodo.{number}" in capsys.readouterr().out
    assert _only(zenodo)["submitted"]
    assert len(zenodo.asked("PUT", "/api/files/")) == len(zenodo.files[number])

    zenodo.requests.clear()
    assert _publish(released, zenodo, "--really", "--version", FIRST, "--publish") == 0
    assert "nothing was done" in capsys.readouterr().out
    assert {one.method for one in zenodo.requests} == {"GET"}


def test_the_next_release_is_a_new_version_of_the_last(released: Project, zenodo: Zenodo) -> None:
    assert _publish(released, zenodo, "--really", "--publish", "--version", FIRST) == 0
    zenodo.faults.append(Fault("POST", "/actions/newversion", "lost"))
    assert _publish(released, zenodo, "--really", "--publish", "--version", SECOND) == 0
    assert zenodo.asked("POST", "/actions/newversion") != []
    first, second = zenodo.files.values()
    assert set(first) == {"SHA256SUMS", f"espress-{FIRST}-open.tar.gz"}
    assert set(second) == {"SHA256SUMS", f"espress-{SECOND}-open.tar.gz"}
    assert [one["submitted"] for one in zenodo.deposits.values()] == [True, True]


def test_transient_faults_are_retried(
    released: Project, zenodo: Zenodo, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    zenodo.faults += [
        Fault("GET", "/depositions$", "status", status=429, headers=(("Retry-After", "1"),)),
        Fault("GET", "/depositions$", "cut"),
        Fault("POST", "/depositions$", "lost"),
        Fault("PUT", "/depositions/", "status", status=500),
        Fault("PUT", "/api/files/", "reset", times=2, after=3000),
        Fault("PUT", "/api/files/.*tar.gz", "lost"),
        Fault("GET", "/api/files/", "cut"),
        Fault("POST", "/actions/publish", "status", status=504),
        Fault("POST", "/actions/publish", "lost"),
    ]
    assert _publish(released, zenodo, "--really", "--publish") == 0, capfd.readouterr().err
    assert [fault for fault in zenodo.faults if fault.times] == []
    assert _only(zenodo)["submitted"]
    printed = capfd.readouterr()
    assert TOKEN not in printed.out + printed.err
    assert [path for path in tmp_path.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()] == []


def test_a_changed_byte_stops_before_publishing(
    released: Project, zenodo: Zenodo, capsys: pytest.CaptureFixture[str]
) -> None:
    zenodo.faults.append(Fault("GET", "/api/files/.*tar.gz", "flip", times=1000))
    assert _publish(released, zenodo, "--really", "--publish") == 2
    assert "is still a draft" in capsys.readouterr().err
    assert not _only(zenodo)["submitted"]


def test_a_published_version_with_other_bytes_is_an_error(
    released: Project, zenodo: Zenodo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _publish(released, zenodo, "--really", "--publish") == 0
    (files,) = zenodo.files.values()
    files["SHA256SUMS"] = b"other"
    assert _publish(released, zenodo, "--really", "--publish") == 2
    assert "with other bytes" in capsys.readouterr().err


def test_the_token_is_sent_to_no_other_server(
    released: Project, zenodo: Zenodo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = (("Location", f"{zenodo.elsewhere}/api/deposit/depositions"),)
    zenodo.faults.append(Fault("GET", "/depositions$", "status", status=302, headers=there))
    assert _publish(released, zenodo, "--really") == 2
    assert "302" in capsys.readouterr().err
    show = zenodo.show

    def refer_elsewhere(number: int) -> dict[str, Any]:
        deposit = show(number)
        deposit["links"]["bucket"] = deposit["links"]["bucket"].replace("127.0.0.1", "localhost")
        return deposit

    monkeypatch.setattr(zenodo, "show", refer_elsewhere)
    assert _publish(released, zenodo, "--really") == 2
    assert "another server" in capsys.readouterr().err
    assert [one for one in zenodo.requests if one.host == "localhost"] == []
    assert released.publish("--to", "zenodo", "--endpoint", "http://zenodo.invalid", "--really") == 2
    assert "is not https" in capsys.readouterr().err


def test_a_wrong_or_missing_token_is_refused_and_not_shown(
    released: Project, zenodo: Zenodo, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZENODO_TOKEN", "aSecretThatOpensNothing")
    assert _publish(released, zenodo, "--really") == 2
    printed = capfd.readouterr()
    assert "403" in printed.err
    assert "aSecretThatOpensNothing" not in printed.out + printed.err
    monkeypatch.delenv("ZENODO_TOKEN")
    assert _publish(released, zenodo, "--really") == 2
    assert "ZENODO_TOKEN" in capfd.readouterr().err
