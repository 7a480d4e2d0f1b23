"""`espress links`: one HEAD request per address, logged before the next, and a table of the answers."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from pyarrow import csv
from tests.espress_build.hydrate.site import entry, write_dataset
from tests.web_server import cut, redirect, response

from espress.cli.main import main
from espress_build.hydrate import links
from espress_build.hydrate.responses import Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.espress_build.hydrate.conftest import Web
    from tests.espress_build.hydrate.server import PathServer

    Run = Callable[..., int]

MAY_NOT = {"fetch": "do_not_fetch", "fetch_reason": "dead_domain", "fetch_basis": "look-up"}


@pytest.fixture
def catalogue(project: Path, tmp_path: Path, server: PathServer) -> Path:
    """Return a dataset of eleven entries; the server answers each differently."""
    answers = {
        "/here": response("x" * 5000), "/moved": redirect("https://new.example/there", 301),
        "/gone": response(status=410), "/wall": response(status=403), "/busy": response(status=429, Retry_After="9"),
        "/ill": response(status=503), "/torn": cut(b"HTTP/1.1 200"),
    }  # fmt: skip
    for path, behaviour in answers.items():
        server.put(path, behaviour)
    entries = [entry(server.url(path, host=f"h{n % 3}.example")) for n, path in enumerate([*answers, "/missing"])]
    server.put("closed.example/robots.txt", response("User-agent: *\nDisallow: /", kind="text/plain"))
    entries.append(entry(server.url("/closed", host="closed.example")))
    entries += [entry(server.url("/never"), **MAY_NOT), entry("http://nowhere.test/x")]
    return write_dataset(project, tmp_path / "dataset", entries)


@pytest.fixture
def run(web: Web, catalogue: Path, tmp_path: Path) -> Run:
    """Return a function that runs the command with the options that all tests share."""
    fixed = ["links", "--source", str(catalogue), "--allow-private", "--delay", "0"]

    def command(*more: str, out: str = "links.csv") -> int:
        return main([*fixed, "--out", str(tmp_path / out), *more])

    return command


def table(path: Path) -> dict[str, dict[str, Any]]:
    """Return the rows of a table by the path of their address."""
    read = pq.read_table(path) if path.suffix == ".parquet" else csv.read_csv(path)
    assert read.column_names == list(links.COLUMNS)
    return {row["url"].rpartition("/")[2]: row for row in read.to_pylist()}


def test_only_addresses_that_the_server_or_the_name_system_calls_gone_are_dead(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    rows = table(tmp_path / "links.csv")
    said = {path: (row["alive"], row["reason"] or None, row["status"]) for path, row in rows.items()}
    assert said == {
        "here": ("yes", None, 200), "moved": ("unknown", "moved", 301), "gone": ("no", "gone", 410),
        "wall": ("unknown", "refused", 403), "busy": ("unknown", "too_many_requests", 429),
        "ill": ("unknown", "server_error", 503), "torn": ("unknown", "no_connection", None),
        "missing": ("no", "not_found", 404), "never": ("unknown", "do_not_fetch", None),
        "x": ("no", "host_not_found", None), "closed": ("unknown", "robots_forbids", None),
    }  # fmt: skip
    assert rows["moved"]["final_url"] == "https://new.example/there"
    assert rows["here"]["final_url"] == rows["here"]["url"]
    assert all((row["checked_at"] is None) == (path == "never") for path, row in rows.items())
    told = capsys.readouterr().out
    assert "11 addresses: 1 answer, 3 dead, 7 open" in told
    assert "1  moved (unknown)" in told


def test_each_address_has_one_request_without_a_body_and_each_host_one_for_its_robots(
    run: Run, server: PathServer
) -> None:
    assert run() == 0
    assert sorted(server.asked()) == ["/gone", "/missing"], "a GET confirms that a page is gone"
    assert sorted(server.asked("HEAD")) == ["/busy", "/gone", "/here", "/ill", "/missing", "/moved", "/torn", "/wall"]
    assert sorted(one.host for one in server.requests if one.path == "/robots.txt") == [
        "closed.example", "h0.example", "h1.example", "h2.example"
    ]  # fmt: skip
    hosts = [one.host for one in server.requests if one.method == "HEAD"]
    assert all(one != other for one, other in pairwise(hosts)), hosts


@pytest.mark.parametrize("head", [404, 405, 410, 501])
@pytest.mark.parametrize(
    ("get", "said"),
    [
        (response("x" * 5000), ("yes", None, 200)), (redirect("/new"), ("unknown", "moved", 302)),
        (response(status=404), ("no", "not_found", 404)), (response(status=503), ("unknown", "server_error", 503)),
        (cut(b"HTTP/1.1 200"), ("unknown", "no_connection", None)),
    ],
    ids=["200", "302", "404", "503", "cut"],
)  # fmt: skip
def test_a_page_that_head_alone_does_not_find_is_not_dead(  # noqa: PLR0913, PLR0917 - a case and three fixtures
    head: int, get: Any, said: tuple[Any, ...], run: Run, tmp_path: Path, server: PathServer
) -> None:
    server.put("/here", response(status=head), get)
    assert run() == 0
    row = table(tmp_path / "links.csv")["here"]
    assert (row["alive"], row["reason"] or None, row["status"]) == said
    assert [one.method for one in server.requests if one.path == "/here"] == ["HEAD", "GET"]


def test_what_was_asked_is_not_asked_again_unless_told(run: Run, server: PathServer) -> None:
    assert run("--limit", "3") == 0
    assert len(server.asked("HEAD")) <= 3
    assert run() == 0
    assert run() == 0
    assert len(server.asked("HEAD")) == len(set(server.asked("HEAD"))) == 8
    assert run("--retry") == 0
    assert sorted(server.asked("HEAD")[8:]) == ["/busy", "/ill", "/torn"]
    assert run("--refresh") == 0
    assert len(server.asked("HEAD")) == 8 + 3 + 8


def test_a_killed_run_is_gone_on_with_and_a_torn_line_counts_as_not_written(
    run: Run, server: PathServer, tmp_path: Path
) -> None:
    assert run("--limit", "4") == 0
    log = tmp_path / "links.log.jsonl"
    done = log.read_bytes()
    log.write_bytes(done + b'{"catalogue_id": "cat-0')
    assert run() == 0
    lines = log.read_bytes().splitlines()
    assert b"".join(line + b"\n" for line in lines[:4]) == done
    assert len({json.loads(line)["catalogue_id"] for line in lines}) == len(lines) == 10
    log.write_bytes(b"no answer\n" + done)
    assert run() == 2


def test_ctrl_c_keeps_the_answers(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from espress_build.hydrate.client import Fetcher

    asked: list[str] = []

    def head(_: Fetcher, url: str) -> Refused:
        asked.append(url)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return Refused("timed_out", "an invented answer")

    monkeypatch.setattr(Fetcher, "head", head)
    assert run() == 130
    assert "Type the same command to continue" in capsys.readouterr().out
    reasons = sorted(row["reason"] for row in table(tmp_path / "links.csv").values())
    assert reasons == ["do_not_fetch", *["not_asked"] * 8, *["timed_out"] * 2]


def test_the_exit_code_reports_dead_addresses_only_with_the_option(run: Run) -> None:
    assert [run(), run("--fail-on-dead"), run("--fail-on-dead", "--language", "cs")] == [0, 1, 1]


def test_an_offline_machine_calls_no_address_dead(
    project: Path, tmp_path: Path, web: Web, capsys: pytest.CaptureFixture[str]
) -> None:
    catalogue = write_dataset(project, tmp_path / "dataset", [entry(f"http://h{n}.test/x") for n in range(3)])
    out = str(tmp_path / "links.csv")
    assert main(["links", "--source", str(catalogue), "--delay", "0", "--out", out, "--fail-on-dead"]) == 0
    said = capsys.readouterr().out
    assert "3  host_not_found (unknown)" in said
    assert "Is this machine online?" in said


def test_parquet_and_csv_hold_the_same_and_each_its_own_log(run: Run, tmp_path: Path) -> None:
    assert run(out="a.csv") == 0
    assert run(out="b.parquet") == 0
    one, other = table(tmp_path / "a.csv"), table(tmp_path / "b.parquet")
    assert {path: row["reason"] or None for path, row in one.items()} == {
        path: row["reason"] for path, row in other.items()
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--out", "links.txt"], "must end in .csv or .parquet"),
        (["--limit", "-1"], "limit of -1"),
        (["--delay", "-1"], "delay of -1"),
        (["--event", "nothing-1999"], "nothing-1999"),
        (["--from", "yesterday"], "'yesterday' is not a date"),
    ],
)
def test_wrong_usage_is_a_clear_error_and_asks_nothing(
    arguments: list[str], says: str, run: Run, server: PathServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    assert says in capsys.readouterr().err
    assert server.requests == []


def test_a_second_run_beside_the_first_is_refused(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with links.lock_log(tmp_path / "links.log.jsonl"):
        assert run() == 2
    assert "Another run works" in capsys.readouterr().err
