"""`espress hydrate` as users type it: what it says, how it ends, and what is there when it is ended from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.hydrate.pointing import Site, dataset_of, expected, pointer, serving

import espress
from espress.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ["arc-en.html", "arc-es.html", "wordpress-cs.html", "ghost-fr.html"]
PATIENCE = 120  # seconds; a busy machine loads libraries slowly


class Folder:
    """A folder to hydrate by commands of their own processes, from a dataset that points at a site."""

    def __init__(self, project: Path, here: Path, base: str, site: Site) -> None:
        """Serve the pages and point at them."""
        self.site, self.base, self.path = site, base, here / "mine"
        told = [(site.put(name, base), expected(name)) for name in NAMES]
        pointers = [pointer(url, language=one["language"]) for url, one in told]
        self.source = dataset_of(project, here / "dataset", [*pointers, pointer(f"{base}/none.html")])

    def options(self) -> list[str]:
        """Return the command's arguments."""
        given = ["--source", str(self.source), "--delay", "0", "--allow-private", "--no-archive"]
        return ["hydrate", str(self.path), *given]

    def start(self, **variables: str) -> subprocess.Popen[str]:
        """Start the command in a process of its own."""
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | variables
        return subprocess.Popen(
            [sys.executable, "-m", "espress.cli.main", *self.options()], env=environment, text=True, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def stopped(self, after: int, how: signal.Signals) -> tuple[int, str, str]:
        """Start the command, and end it while it waits for an answer behind so many; returns code and words."""
        self.site.let_through(after)
        process = self.start()
        deadline = time.monotonic() + PATIENCE
        while len(self.site.paths()) <= after and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(how)
        self.site.let_through(None)
        said, wrong = process.communicate(timeout=PATIENCE)
        return process.returncode, said, wrong

    def titles(self) -> set[str]:
        """Return the titles of the articles that came in."""
        load: Any = espress.load
        rows = load("articles", source=self.source, hydrated=self.path, as_="arrow").to_pylist()
        return {row["title"] for row in rows if row["rights_tier"] == "hydrate"}


@pytest.fixture
def folder(project: Path, tmp_path: Path) -> Iterator[Folder]:
    site = Site()
    with serving(site) as base:
        yield Folder(project, tmp_path, base, site)


def test_a_run_that_is_killed_goes_on_where_it_was(folder: Folder, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, _ = folder.stopped(2, signal.SIGKILL)
    assert code == -signal.SIGKILL
    with pytest.raises(espress.InputError, match="not complete: a run is at work in it, or was stopped"):
        folder.titles()
    there = folder.site.paths()[:2]
    assert main(folder.options()) == 0
    asked = folder.site.paths()
    assert [asked.count(path) for path in there] == [1, 1], "what was on the disk is not asked for again"
    assert folder.titles() == {expected(name)["title"] for name in NAMES}
    said = capfd.readouterr().out
    assert "4 articles of 5 catalogue entries; this run asked for 3" in said
    assert "1  not_found" in said
    assert f'espress.load("articles", hydrated="{folder.path}")' in said


def test_ctrl_c_ends_with_tables_of_what_came(folder: Folder) -> None:
    code, said, wrong = folder.stopped(2, signal.SIGINT)
    assert (code, wrong) == (130, "Stopped; tables are made of what is here.\n")
    came = sum(path != "/none.html" for path in folder.site.paths()[:2])  # the order hangs on the port
    assert f"{came} articles of 5 catalogue entries; this run asked for 2" in said
    assert "3  not_asked" in said
    assert "Type the same command to continue" in said
    assert len(folder.titles()) == came


def test_a_folder_of_any_name_is_filled_under_a_locale_that_lacks_its_letters(folder: Folder, tmp_path: Path) -> None:
    folder.path = tmp_path / "h5 ünï 中文"
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    bare = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | locale
    process = folder.start(**locale)
    said, wrong = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, wrong
    assert wrong == ""
    assert "4 articles of 5 catalogue entries" in said
    assert len(folder.titles()) == 4
    load: Any = espress.load
    assert load("articles", hydrated=folder.path, as_="arrow").num_rows == 9, "and its dataset is found again"
    code = "import espress, sys; print(espress.load(hydrated=sys.argv[1], as_='arrow').num_rows)"
    done = subprocess.run([sys.executable, "-c", code, str(folder.path)], env=bare, capture_output=True, check=False)
    assert done.stdout == b"9\n", done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_what_cannot_be_printed_is_said_in_one_line(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "espress.cli.main", "links", "--limit", "0", "--out", str(tmp_path / "l.csv")]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(command, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "No space left" in done.stderr


def test_names_that_a_terminal_lacks_letters_for_are_escaped(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "espress.cli.main", "links", "--limit", "0", "--out", str(tmp_path / "l ünï.csv")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert r"l \xfcn\xef.csv" in done.stdout


def test_nothing_obtained_is_said_and_is_no_success(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.site.pages.clear()
    assert main(folder.options()) == 1
    said = capsys.readouterr().out
    assert "5  not_found" in said
    assert "There is no article" in said
    assert folder.titles() == set()


def test_private_addresses_are_not_asked_unless_allowed(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([option for option in folder.options() if option != "--allow-private"]) == 1
    assert "5  private_address" in capsys.readouterr().out
    assert folder.site.asked == []


def test_what_is_wrong_is_said_in_one_line(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*folder.options(), "--language", "xx"]) == 2
    assert "There is no language 'xx'. Known, nearest first:" in capsys.readouterr().err
