"""Generated sections, values and files are what schema and dataset give, and mistakes in documents are reported."""

from __future__ import annotations

import os
import pkgutil
import pty
import re
import shutil
import sys
import termios
from typing import TYPE_CHECKING

import pytest

from espress.errors import EspressError
from espress_build import docs
from espress_build.build import places
from espress_build.cli.main import main
from espress_build.docs.generate import DriftError, Filler, find_documents, generate, read_generators

if TYPE_CHECKING:
    from pathlib import Path


def test_everything_generated_is_current(project: Path) -> None:
    generate(places(project), check=True)  # raises, and its message says what to type


def test_every_section_and_value_is_shown_in_a_document(project: Path) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in find_documents(project))
    sections, values = read_generators()
    unused = {name for name in sections if f"<!-- generated: {name} -->" not in text}
    assert unused <= {"confusions", "disputes"}  # long; `espress-build agreement` prints them
    assert {name for name in values if f"<!-- value: {name} -->" not in text} == set()
    assert not re.search(r"^\W*<!-- value", text, re.MULTILINE)  # Markdown takes such a line for HTML


def test_links_between_documents_resolve(project: Path) -> None:
    for path in [*find_documents(project), *project.glob("*/README.md")]:
        if path.parent.name == "dataset":
            continue
        prose = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        links = [link for link in re.findall(r"\]\(([^)\s#]+)", prose) if not link.startswith("http")]
        assert [link for link in links if not (path.parent / link).exists()] == [], path


def test_values_are_filled_in_prose_and_left_alone_in_code(project: Path) -> None:
    mark = "<!-- value: labels.fewest_to_score -->{}<!-- /value -->"
    text = "At least {} units, `{}`\n```\n{}\n```\nand {}.\n"
    before = text.format(*map(mark.format, (1, 2, 3, "")))
    after = text.format(*map(mark.format, (20, 2, 3, 20)))
    assert Filler(project / "dataset").fill(before, "x.md") == after


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!-- generated: nothing -->\n<!-- end -->", r"x\.md: there is no section 'nothing'\. Choose"),
        ("<!-- generated: counts -->\n", r"x\.md: a section .* lacks its"),
        ("<!-- value: labels.nothing --><!-- /value -->", r"x\.md: there is no value 'labels.nothing'"),
        ("<!-- value: labels.fewest_to_score -->\n", r"x\.md: a value .* lacks its"),
    ],
)
def test_an_unknown_or_unclosed_mark_is_an_error(project: Path, text: str, message: str) -> None:
    with pytest.raises(EspressError, match=message):
        Filler(project / "dataset").fill(text, "x.md")


@pytest.fixture
def small(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one document, which is out of date."""
    for found in pkgutil.iter_modules(docs.__path__):  # whole files take seconds
        monkeypatch.setattr(f"{docs.__name__}.{found.name}.FILES", {}, raising=False)
    (tmp_path / "schema").symlink_to(project / "schema")
    (tmp_path / "dataset").symlink_to(project / "dataset")
    (tmp_path / "raw").mkdir()
    for name in ("CITATION.cff", "docs/generated/codebook.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project / name, tmp_path / name)
    (tmp_path / "README.md").write_text("<!-- generated: units -->\n<!-- end -->\n", encoding="utf-8")
    return tmp_path


def test_drift_names_the_file_and_the_command_that_mends_it(small: Path) -> None:
    readme, where = small / "README.md", places(small)
    with pytest.raises(DriftError, match=r"README.md\nType: espress-build generate"):
        generate(where, check=True)
    assert generate(where, check=False) == [readme]
    assert "| title " in readme.read_text(encoding="utf-8")
    assert generate(where, check=True) == []


def test_progress_goes_to_a_terminal_alone(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--project", str(small), "generate"]
    held, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    with os.fdopen(held, "rb", buffering=0) as shown, os.fdopen(terminal, "w", encoding="utf-8") as stderr:
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stderr", stderr)
            assert main(command) == 0
        stderr.flush()
        assert b"documents: 100%" in shown.read(2**16)
    capsys.readouterr()
    assert main(command) == 0
    assert "documents:" not in "".join(capsys.readouterr())
