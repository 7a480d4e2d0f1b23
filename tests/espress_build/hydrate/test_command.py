"""The command `espress hydrate`: its output and exit code, and its state after a kill or Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.hydrate.misbehaviours import HTML, MISBEHAVIOURS, SLUG
from tests.espress_build.hydrate.server import PathServer, article
from tests.espress_build.hydrate.site import (
    ENVIRONMENT,
    PATIENCE,
    Site,
    World,
    entry,
    expected,
    read_in_this_process,
    write_dataset,
)
from tests.web_server import cut, redirect, response, serving

import espress
from espress.cli.main import main
from espress_build.hydrate import client, drafts, run
from espress_build.hydrate.responses import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web_server import Behaviour

NAMES = ["arc-en.html", "arc-es.html", "wordpress-cs.html", "ghost-fr.html"]


@pytest.fixture
def four(project: Path, tmp_path: Path) -> Iterator[World]:
    """Return a world of four pages and a missing one, whose pages are read in worker processes."""
    with serving(Site()) as site:
        yield World(project, tmp_path, site, NAMES)


def test_a_killed_run_is_continued(four: World, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, _ = four.stop(2, signal.SIGKILL)
    assert code == -signal.SIGKILL
    with pytest.raises(espress.InputError, match="not complete: a run is using it, or was stopped"):
        four.titles()
    there = four.site.asked()[:2]
    assert main(four.options()) == 0
    asked = [path for path, _ in four.site.asked()]
    assert [asked.count(path) for path, _ in there] == [1, 1], "what was on the disk is not asked for again"
    assert four.titles() == {expected(name)["title"] for name in NAMES}
    said = capfd.readouterr().out
    assert "4 articles of 5 catalogue entries; this run asked for 3" in said
    assert "1  not_found" in said
    assert f'espress.load("articles", hydrated={str(four.folder)!r})' in said


def test_ctrl_c_ends_with_tables_of_what_came(four: World) -> None:
    code, said, wrong = four.stop(2, signal.SIGINT)
    assert (code, wrong) == (130, "Stopped; the tables are made of the pages fetched so far.\n")
    came = sum(path != "/none.html" for path, _ in four.site.asked()[:2])  # the order depends on the port
    assert f"{came} articles of 5 catalogue entries; this run asked for 2" in said
    assert "3  not_asked" in said
    assert "Type the same command to continue" in said
    assert len(four.titles()) == came


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")
def test_a_killed_worker_does_not_hang_the_run(four: World) -> None:
    def workers() -> list[int]:
        found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8").split()
        lines = {number: Path(f"/proc/{number}/cmdline").read_text(encoding="utf-8") for number in found}
        return [int(number) for number, line in lines.items() if "resource_tracker" not in line]

    process = four.start()
    deadline = time.monotonic() + PATIENCE
    while not (started := workers()) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(started[0], signal.SIGKILL)
    said, wrong = process.communicate(timeout=PATIENCE)
    assert process.returncode in (0, 2), wrong
    assert said if process.returncode == 0 else wrong.startswith("espress: ")
    assert not any(Path(f"/proc/{number}").exists() for number in started)


def test_a_folder_of_any_name_is_filled_under_a_locale_that_lacks_its_letters(four: World, tmp_path: Path) -> None:
    four.folder = tmp_path / "h5 ünï 中文"
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    bare = ENVIRONMENT | locale
    process = four.start(**locale)
    said, wrong = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, wrong
    assert wrong == ""
    assert "4 articles of 5 catalogue entries" in said
    assert len(four.titles()) == 4
    load: Any = espress.load
    assert load("articles", hydrated=four.folder, as_="arrow").num_rows == 9, "and its dataset is found again"
    code = "import espress, sys; print(espress.load(hydrated=sys.argv[1], as_='arrow').num_rows)"
    done = subprocess.run([sys.executable, "-c", code, str(four.folder)], env=bare, capture_output=True, check=False)
    assert done.stdout == b"9\n", done.stderr


def run_links(out: Path, *, stdout: Any = subprocess.PIPE, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `espress links` on no address in a process of its own."""
    command = [sys.executable, "-m", "espress.cli.main", "links", "--limit", "0", "--out", str(out)]
    environment = ENVIRONMENT | variables
    return subprocess.run(command, env=environment, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_reported_in_one_line(tmp_path: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = run_links(tmp_path / "l.csv", stdout=full)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "No space left" in done.stderr


def test_letters_that_the_terminal_cannot_show_are_escaped(tmp_path: Path) -> None:
    done = run_links(tmp_path / "l ünï.csv", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert r"l \xfcn\xef.csv" in done.stdout


def test_a_run_without_articles_fails(four: World, capsys: pytest.CaptureFixture[str]) -> None:
    four.site.pages.clear()
    assert main(four.options()) == 1
    said = capsys.readouterr().out
    assert "5  not_found" in said
    assert "There is no article" in said
    assert four.titles() == set()


def test_private_addresses_are_not_asked_unless_allowed(four: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([option for option in four.options() if option != "--allow-private"]) == 1
    assert "5  private_address" in capsys.readouterr().out
    assert four.site.requests == []


def test_an_unknown_language_is_reported_in_one_line(four: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*four.options(), "--language", "xx"]) == 2
    assert "There is no language 'xx'. Known, nearest first:" in capsys.readouterr().err


# ---- all misbehaviours in one run


def robots(rules: Behaviour) -> dict[str, Behaviour]:
    return {"/robots.txt": rules, "/story": response(article())}


# The first case of each; then what only a host can do, and servers that come round.
CASES = [(case.reason, case.paths) for case, *_ in MISBEHAVIOURS.values()] + [
    ("robots_forbids", robots(response("User-agent: *\nDisallow: /", kind="text/plain"))),
    ("robots_unreachable", robots(redirect("/robots.txt"))),
]
TITLES: dict[str, tuple[Behaviour, ...]] = {
    "Plánovač přístavu zadržen": (response(article("Plánovač přístavu zadržen").encode("cp1250"), kind="text/html"),),
    "Port planner held again": (response("", 429, Retry_After="1"), response(article("Port planner held again"))),
    "Port planner held for once": (cut(HTML), response(article("Port planner held for once"))),
}


def test_each_misbehaving_page_loses_only_itself_with_its_reason(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "Limits", partial(Limits, seconds_total=1.5, bytes_most=2_000_000, tries=2))
    monkeypatch.setattr(client.Pace, "hold", lambda *_: None)
    monkeypatch.setattr(drafts, "read_pages", read_in_this_process)
    with ExitStack() as stack:
        wanted = {}  # address -> reason or title
        for reason, paths in CASES:
            server = stack.enter_context(serving(PathServer()))
            for path, behaviour in paths.items():
                server.put(path, behaviour)
            asked = next(path for path in paths if path != "/robots.txt")
            wanted[server.url(asked, host="127.0.0.1")] = reason
        for title, behaviours in TITLES.items():
            server = stack.enter_context(serving(PathServer()))
            server.put(SLUG, *behaviours)
            wanted[server.url(SLUG, host="127.0.0.1")] = title
        told = {"language": "en", "published": "2019-07-23", "published_precision": "day"}
        entries = {url: entry(url, **told) for url in wanted}
        source = write_dataset(project, tmp_path / "dataset", list(entries.values()))
        given = ["--source", str(source), "--delay", "0", "--allow-private", "--no-archive"]
        assert main(["hydrate", str(tmp_path / "mine"), *given]) == 0
    load: Any = espress.load
    how = {"source": source, "hydrated": tmp_path / "mine", "as_": "arrow"}
    reasons = {row["id"]: row["reason"] for row in load("rejects", **how).to_pylist()}
    titles = {row["url"]: row["title"] for row in load("articles", **how).to_pylist()}
    assert {url: reasons.get(one["catalogue_id"]) or titles[url] for url, one in entries.items()} == wanted
