"""`espress audit`, as typed."""

from __future__ import annotations

import errno
import json
import random
from pathlib import Path

import pytest

from espress.cli.main import main
from espress.files import NewFile

COLUMNS = ["--text", "text", "--label", "label", "--permutations", "100"]


@pytest.fixture(scope="module")
def votes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a corpus whose label follows from the outlet nine times in ten, and from the day never."""
    draw = random.Random(4)  # noqa: S311  no secret
    lines = ["text;label;outlet;day;article;guess"]
    for row in range(240):
        outlet = row % 6
        label = "yes" if (outlet < 3) == (draw.random() < 0.9) else "no"
        words = " ".join(draw.choices(["word", "other", "third", "fourth", "fifth"], k=8))
        lines.append(f"{words};{label};outlet {outlet};{draw.randrange(7)};{row // 4};{label}")
    path = tmp_path_factory.mktemp("votes") / "votes.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_shortcut_is_a_finding_and_label_shares_and_verdict_come_first(
    votes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", str(votes), *COLUMNS, "--group", "outlet", "--group", "day"]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert shown[:3] == ["Shortcut audit of votes.csv", "", "LABELS IN EACH GROUP"]
    headings = [line for line in shown if line.isupper()]
    assert headings[:2] == ["LABELS IN EACH GROUP", "VERDICT"]
    assert any(line.split()[:2] == ["outlet", "shortcut"] for line in shown)
    assert any(line.split()[:3] == ["day", "no", "evidence"] for line in shown)


@pytest.mark.parametrize(
    "typed",
    [
        ["FILE", *COLUMNS, "--group", "outlet", "day"],
        ["FILE", "--group", "outlet", "--group", "day", *COLUMNS],
        [*COLUMNS, "--group", "outlet", "day", "FILE"],
    ],
)
def test_groups_may_follow_one_option_or_several(
    votes: Path, typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    typed = [str(votes) if word == "FILE" else word for word in typed]
    assert main(["audit", *typed, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [each["columns"] for each in found["shortcuts"]] == [["outlet"], ["day"], ["outlet", "day"]]


def test_a_file_of_another_encoding_is_read_when_its_encoding_is_named(
    votes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "votes.csv"
    path.write_bytes(votes.read_text(encoding="utf-8").replace("outlet 1", "Süd").encode("cp1252"))
    typed = ["audit", str(path), *COLUMNS, "--group", "outlet"]
    assert main(typed) == 2
    assert "add --encoding cp1252 to the command" in capsys.readouterr().err
    assert main([*typed, "--encoding", "cp1252"]) == 1
    assert "Süd" in capsys.readouterr().out


def test_without_a_finding_the_exit_code_is_0_and_the_seed_decides_all(
    votes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one.json", "two.json"):
        typed = ["audit", str(votes), *COLUMNS, "--group", "day", "--cluster", "article", "--model", "guess"]
        assert main([*typed, "--seed", "3", "-o", str(tmp_path / name)]) == 0
    assert f"Report: {tmp_path / 'two.json'}" in capsys.readouterr().out
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    found = json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))
    assert (found["data"]["clusters"], found["model"]) == (60, "guess")


@pytest.mark.parametrize(
    ("name", "more", "begins"),
    [
        ("report.html", [], "<!DOCTYPE html>"),
        ("report.md", [], "# Shortcut audit"),
        ("report.txt", [], "Shortcut audit"),
        ("report", ["--format", "md"], "# Shortcut audit"),
    ],
)
def test_the_file_decides_the_format_unless_it_is_named(
    votes: Path, tmp_path: Path, name: str, more: list[str], begins: str
) -> None:
    assert main(["audit", str(votes), *COLUMNS, "--group", "day", "-o", str(tmp_path / name), *more]) == 0
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--group", "outlets"], "Nearest: 'outlet'"),
        (["--group", "day", "--encoding", "latin9000"], "'latin9000' is not the name of a text encoding"),
        (["--group", "day", "-o", "nowhere/report.md"], "name a file in a folder that exists"),
        (["--group", "day", "-o", "report.pdf"], "Add --format text|md|json|html"),
        (["--group", "day", "--seed", "-1"], "The seed -1 cannot be used"),
    ],
)
def test_wrong_input_is_an_error_before_the_work_and_exits_2(
    votes: Path, more: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", str(votes), *COLUMNS, *more]) == 2
    assert told in capsys.readouterr().err
    assert not Path("report.pdf").exists()


def test_a_full_disk_leaves_the_earlier_report_whole(
    votes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.md"
    report.write_text("earlier\n", encoding="utf-8")

    def fail(self: NewFile, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(NewFile, "write", fail)
    assert main(["audit", str(votes), *COLUMNS, "--group", "day", "-o", str(report)]) == 2
    assert f"The report cannot be written to {report}: No space left on device." in capsys.readouterr().err
    assert report.read_text(encoding="utf-8") == "earlier\n"


def test_the_examples_of_the_document_run_as_written(
    votes: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import re
    import shlex

    renamed = votes.read_text(encoding="utf-8").replace("text;label;outlet;day", "sentence;label;outlet;topic", 1)
    (tmp_path / "votes.csv").write_text(renamed, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    page = (project / "docs" / "user" / "audit.md").read_text(encoding="utf-8")
    (python,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(python, "docs/user/audit.md", "exec"), {})  # noqa: S102  our own page
    (shell,) = re.findall(r"```sh\nespress (.*?)\n```", page, re.DOTALL)
    assert main(shlex.split(shell)) == 1
    assert (tmp_path / "report.html").is_file()
