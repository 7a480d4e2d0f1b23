"""What others wrote reaches the terminal escaped, and names of files cannot pass for our own words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import espress
from espress.cli.main import main
from espress.data.integrity import identify
from espress_build.cli.main import main as build
from espress_build.pipeline.package import write_sums

if TYPE_CHECKING:
    from pathlib import Path

# Clears the screen, hides what follows, turns the direction of writing, and begins a line of its own.
HOSTILE = "x\x1b[2J\x1b[8m\x9b31m\u202egnp.\u2066\u2028y\r\nz: sound"
OBEYED = ("\x1b", "\x9b", "\u202e", "\u2066", "\u2028", "\r")


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    return shutil.copytree(project / "dataset", tmp_path / "dataset")


def _check_escaped(said: str) -> None:
    assert not [character for character in OBEYED if character in said]


def test_verify_cannot_be_spoofed_by_a_version(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = json.loads((copy / "datapackage.json").read_bytes())
    claimed = "0.1.1 (full), compared with releases.json, sha256 3e27\x1b[8m"
    (copy / "datapackage.json").write_text(json.dumps(package | {"version": claimed}), encoding="utf-8")
    (copy / "SHA256SUMS").unlink()
    write_sums(copy)
    assert main(["verify", str(copy)]) == 0
    said = capsys.readouterr().out
    _check_escaped(said)
    assert "version '0.1.1 (full), compared with" in said  # in quotes, so it reads as a name
    assert "is not a known release; compared only with its own SHA256SUMS" in said


def test_verify_shows_names_of_files_in_quotes(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / HOSTILE).write_text("", encoding="utf-8")
    (copy / os.fsdecode(b"b\xff")).write_text("", encoding="utf-8")
    assert main(["verify", str(copy)]) == 1
    said = capsys.readouterr().out
    _check_escaped(said)
    assert len(said.splitlines()) == 4
    listed = "releases.json" if identify(copy).release else "SHA256SUMS"
    assert f"z: sound': is not named in {listed}" in said


@pytest.mark.parametrize(
    "argv",
    [
        ["verify", HOSTILE],
        ["show", HOSTILE],
        ["cite", "--style", HOSTILE],
        ["cite", HOSTILE],
        ["audit", f"{HOSTILE}.csv", "--text", "a", "--label", "b", "--group", "c"],
        ["probe", "score", f"{HOSTILE}.jsonl"],
        ["export", "--to", "csv", "--source", HOSTILE],
    ],
    ids=lambda argv: argv[0],
)
def test_errors_are_escaped(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(argv)
    except SystemExit as stopped:
        code = int(str(stopped.code))
    assert code == 2
    _check_escaped(capsys.readouterr().err)


def test_errors_of_the_build_are_escaped(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build(["--project", str(project), "trace", HOSTILE]) == 2
    _check_escaped(capsys.readouterr().err)


def test_warnings_are_escaped_and_progress_bars_still_move(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def show(_: object) -> str:
        sys.stderr.write(f"{HOSTILE}\n")
        sys.stderr.write("\r 50 %")
        return "shown"

    monkeypatch.setattr("espress.display.info", show)
    assert main(["info"]) == 0
    hostile, _, progress = capsys.readouterr().err.rpartition("\n")
    _check_escaped(hostile)
    assert progress == "\r 50 %"


def test_lines_of_json_keep_their_meaning(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    row = {"text": HOSTILE + "\xad\x7f\U000e0041"}
    monkeypatch.setattr("espress.cli.probe._list_rows", lambda _: json.dumps(row, ensure_ascii=False))
    assert main(["probe", "rows", "relevance"]) == 0
    said = capsys.readouterr().out
    _check_escaped(said)
    assert json.loads(said) == row


def test_an_unexpected_exception_is_escaped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError(HOSTILE)

    monkeypatch.setattr("espress.display.info", fail)
    assert main(["info"]) == 70
    said = capsys.readouterr().err
    _check_escaped(said)
    assert "RuntimeError" in said


# ------------------------------------------------------------------------------------------------ first steps


@pytest.mark.parametrize("argv", [[], ["probe"]])
def test_a_command_alone_prints_its_help(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 0
    assert capsys.readouterr().out.startswith("usage: espress")


def test_the_build_alone_prints_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert build([]) == 0
    assert capsys.readouterr().out.startswith("usage: espress-build")


def test_versions_of_package_and_data_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    package, data = capsys.readouterr().out.splitlines()
    assert package == f"espress {espress.__version__}"
    assert data.startswith(f"data    {espress.versions()[0]} (full edition, root ")


def test_lazy_names_are_listed() -> None:
    assert {*espress.__all__, "__version__"} <= set(dir(espress))
    assert all(hasattr(espress, name) for name in dir(espress))


@pytest.mark.parametrize("style", ["APA", "BibTeX", "CSL-JSON", "csl_json", " ris "])
def test_styles_are_found_in_any_case(style: str) -> None:
    assert espress.cite(style) == espress.cite(style.strip().lower().replace("_", "-"))


@pytest.mark.parametrize("name", ["no/such", "dataset.tar.gz", "0.1"])
def test_verify_of_a_missing_place_is_an_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["verify", name]) == 2
    assert f"There is no '{name}'. Name a dataset folder" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------ names of places


@pytest.mark.parametrize("to", ["csv", "sqlite", "duckdb", "xlsx", "dta", "sav", "jsonl"])
def test_a_name_that_is_not_utf_8_is_refused_and_named(
    to: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / os.fsdecode(b"b\xff")
    place.mkdir()
    assert main(["export", "--to", to, "--config", "events", "--out", str(place / "x")]) == 2
    said = capsys.readouterr().err
    assert "b\\udcff/x' cannot be written: the name is not UTF-8 text" in said
    assert not list(place.iterdir())


@pytest.mark.parametrize(
    "argv",
    [
        ["export", "--to", "csv", "--config", "events", "--out"],
        ["probe", "run", "majority", "--task", "relevance", "--out"],
        ["verify"],
        ["probe", "score"],
        ["links", "--limit", "0", "--out"],
    ],
    ids=lambda argv: " ".join(argv[:2]),
)
def test_a_name_that_the_system_refuses_is_named(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    name = "x" * 300 + ("" if argv[0] in ("export", "verify") else ".csv" if argv[0] == "links" else ".jsonl")
    assert main([*argv, name]) == 2
    said = capsys.readouterr().err
    assert "x" * 300 in said
    assert "File name too long" in said


def test_a_command_shows_hostile_names_in_a_terminal_of_any_encoding(copy: Path) -> None:
    (copy / HOSTILE).write_text("", encoding="utf-8")
    command = [sys.executable, "-m", "espress.cli.main", "verify", str(copy)]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONIOENCODING": "ascii"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    _check_escaped(done.stdout)


def _parsers() -> dict[str, Any]:
    from espress.cli.main import make_parser
    from espress_build.cli.main import _parser

    found = {}
    for parser in (_parser(), make_parser()):
        for name, command in _subcommands(parser).items():
            found[f"{parser.prog} {name}"] = command
            found |= {f"{parser.prog} {name} {below}": one for below, one in _subcommands(command).items()}
    return found


def _subcommands(parser: Any) -> dict[str, Any]:
    actions = [action for action in parser._actions if hasattr(action, "choices") and isinstance(action.choices, dict)]
    return dict(actions[0].choices) if actions and not actions[0].option_strings else {}


@pytest.mark.parametrize("name", sorted(_parsers()))
def test_the_help_of_each_command_has_a_sentence_and_an_example_that_it_takes(name: str) -> None:
    import shlex

    from espress.cli.main import make_parser
    from espress_build.cli.main import _parser

    parser = _parsers()[name]
    assert parser.description[0].isupper()
    assert parser.description.endswith(".")
    program, *words = shlex.split(parser.epilog.removeprefix("Example: "))
    assert [program, *words][: len(name.split())] == name.split()
    (make_parser() if program == "espress" else _parser()).parse_args(words)


# ------------------------------------------------------------------------------------------------ commands and options

IN_ORDER = {
    "espress": "info show verify export audit probe hydrate collect links rejoin cite",
    "espress-build": "propose list add run trace validate annotate agreement ballots sheets freeze generate diff site "
    "open release assets publish withdraw",
}


@pytest.mark.parametrize("program", IN_ORDER)
def test_commands_are_listed_in_the_order_of_work(program: str) -> None:
    named = [name.split()[1] for name in _parsers() if name.split()[0] == program and len(name.split()) == 2]
    assert named == IN_ORDER[program].split()


def test_tables_to_export_may_follow_one_option_or_several(tmp_path: Path) -> None:
    written = []
    for number, named in enumerate((["--config", "events", "splits"], ["--config", "events", "--config", "splits"])):
        assert main(["export", "--to", "csv", *named, "--out", str(tmp_path / str(number))]) == 0
        written.append({path.name: path.read_bytes() for path in (tmp_path / str(number)).rglob("*") if path.is_file()})
    assert written[0] == written[1]
    assert {"events.csv", "splits.csv"} <= set(written[0])
    assert "articles.csv" not in written[0]
