"""Code blocks of the tutorials and the outputs that the pages show below them.

A block that runs has a name: ```` ```python name=load ````. If the next thing on the page is a block ```` ```text ````,
it shows what the code prints. Blocks marked `heavy`, and blocks without a name, which install something, run only with
`make tutorials`. `python -m tests.tutorials.pages` writes the outputs into the pages again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.helpers import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping

PYTHON, R, SQL, REVIEWER = (
    PROJECT / "docs" / "user" / name
    for name in ("tutorial-python.md", "tutorial-r.md", "tutorial-sql.md", "reviewer.md")
)
VERSIONED = (REVIEWER, PROJECT / "docs" / "maintain" / "first-article.md")  # which name the last release
FIGURE = PROJECT / "docs" / "generated" / "tutorial-labels.svg"  # which the Python tutorial draws and shows
HEAVY = "ESPRESS_TUTORIALS"  # set to 1: run everything
_BLOCK = re.compile(
    r"^( *)```(?P<language>\w+)(?: name=(?P<name>\w+))?(?P<heavy> heavy)?\n(?P<code>.*?)^\1```\n"
    r"(?:\s*?^\1```text\n(?P<shown>.*?)^\1```\n)?",
    re.DOTALL | re.MULTILINE,
)
# Reads blocks as JSON, runs them in one namespace, and prints as JSON what each printed.
_RUN_PYTHON = """
import contextlib, io, json, sys
shown, names = {}, {"__name__": "__main__"}
for name, code in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(code, name, "exec"), names)
    shown[name] = out.getvalue()
print(json.dumps(shown))
"""


class Block(NamedTuple):
    """One block of code with its language, its name if it has one, and what the page shows as its output."""

    language: str
    name: str | None
    heavy: bool
    code: str
    shown: str | None


def read_blocks(page: Path) -> list[Block]:
    """Return the blocks of a page in order."""
    found = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [
        Block(each["language"], each["name"], bool(each["heavy"]), _dedent(each, "code") or "", _dedent(each, "shown"))
        for each in found
        if each["language"] != "text"
    ]


def _dedent(found: re.Match[str], group: str) -> str | None:
    text, indent = found[group], found[1]
    return text and "".join(line.removeprefix(indent) for line in text.splitlines(keepends=True))


def environment(**extra: str) -> dict[str, str]:
    """Return the environment in which blocks run: the commands of this Python, and linear algebra in one thread.

    With more threads, small models take three times the processor time, because threads wait for each other.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **extra}


def run_python(page: Path, folder: Path, python: str = sys.executable) -> dict[str, str]:
    """Run the Python blocks of a page in one process in a folder; return what each prints."""
    blocks = [(each.name, each.code) for each in read_blocks(page) if each.language == "python" and each.name]
    done = subprocess.run(
        [python, "-W", "ignore", "-c", _RUN_PYTHON],
        input=json.dumps(blocks),
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed: dict[str, str] = json.loads(done.stdout)
    return printed


def run_shell(code: str, folder: Path, **variables: str) -> str:
    """Run shell code in a folder, with these environment variables, and return what it prints."""
    done = subprocess.run(
        ["bash", "-euc", code],
        cwd=folder,
        env=environment(COLUMNS="100", **variables),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{code}\n{done.stdout}{done.stderr}"
    return done.stdout


def run_shell_blocks(page: Path, folder: Path, *, heavy: bool, **variables: str) -> dict[str, str]:
    """Run the named shell blocks of a page, those marked heavy or the others; return what each prints."""
    chosen = [one for one in read_blocks(page) if one.language == "sh" and one.name and one.heavy == heavy]
    return {str(one.name): run_shell(one.code, folder, **variables) for one in chosen}


def run_sql(page: Path, folder: Path) -> dict[str, str]:
    """Run the SQL blocks of a page in one DuckDB session; names of files are looked up in a folder."""
    import duckdb

    printed: dict[str, str] = {}
    with duckdb.connect() as session:
        session.execute("SET file_search_path = ?", [str(folder)])
        for each in read_blocks(page):
            if each.language == "sql" and each.name:
                *before, last = each.code.rstrip().removesuffix(";").split(";\n")
                for statement in before:
                    session.execute(statement)
                printed[each.name] = str(session.sql(last))
    return printed


def run_r(page: Path, folder: Path) -> dict[str, str]:
    """Run the R and shell blocks of a page in order, the R blocks in one session; return what each prints."""
    printed: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as aside:
        image = Path(aside) / "session.RData"
        for each in read_blocks(page):
            if not each.name:
                continue
            if each.language == "sh":
                printed[each.name] = run_shell(each.code, folder)
            elif each.language == "r":
                script = Path(aside) / "block.R"
                script.write_text(
                    f"options(width = 100)\nif (file.exists({json.dumps(str(image))})) load({json.dumps(str(image))})\n"
                    f"{each.code}\nsave.image({json.dumps(str(image))})\n",
                    encoding="utf-8",
                )
                printed[each.name] = run_shell(f"Rscript --vanilla '{script}'", folder)
    return printed


def find_differences(page: Path, printed: Mapping[str, str]) -> list[str]:
    """Return, for each block whose shown output is not what it printed, its name and both texts."""
    return [
        f"{page.name}, block {one.name}: the page shows\n{one.shown}but the code prints\n{printed[one.name]}"
        "To write the outputs again, type: make examples"
        for one in read_blocks(page)
        if one.name
        and one.name in printed
        and one.shown is not None
        and not _trim(one.shown) == _trim(printed[one.name]) != ""
    ]


def _trim(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def write_outputs(page: Path, printed: Mapping[str, str]) -> None:
    """Put what each block printed into the page, where it shows an output."""

    def put(found: re.Match[str]) -> str:
        if found["shown"] is None or found["name"] not in printed:
            return found[0]
        lines = _trim(printed[found["name"]]).splitlines()
        text = "".join(f"{found[1]}{line}".rstrip() + "\n" for line in lines)
        start, end = (place - found.start() for place in found.span("shown"))
        return found[0][:start] + text + found[0][end:]

    text = page.read_text(encoding="utf-8")
    page.write_text(_BLOCK.sub(put, text), encoding="utf-8")


def lay_out_clone(folder: Path) -> Path:
    """Make a folder in which the reviewer's quick commands find what they find in a clone, and return it."""
    for name in ("dataset", "predictions", "raw", "schema", "state"):
        (folder / name).symlink_to(PROJECT / name)
    (folder / ".make").mkdir()
    return folder


def renew_versions(text: str) -> str:
    """Return the text of a page with the last release in commands that compare, and the next one in `release`."""
    *_, latest = json.loads((PROJECT / "releases" / "releases.json").read_text(encoding="utf-8"))["releases"]
    major, minor, _ = latest.split(".")
    text = re.sub(r"(espress-build diff )\d+\.\d+\.\d+", rf"\g<1>{latest}", text)
    return re.sub(r"(espress-build release )\d+\.\d+\.\d+", rf"\g<1>{major}.{int(minor) + 1}.0", text)


def main() -> None:
    """Run the blocks that need only this environment (and R, if it is there), and write the outputs into the pages."""
    for page in VERSIONED:
        page.write_text(renew_versions(page.read_text(encoding="utf-8")), encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place, name) for name in ("python", "r", "clone")]
        for folder in folders:
            folder.mkdir()
        write_outputs(PYTHON, run_python(PYTHON, folders[0]))
        shutil.copy(folders[0] / "labels.svg", FIGURE)
        write_outputs(SQL, run_sql(SQL, PROJECT))
        write_outputs(REVIEWER, run_shell_blocks(REVIEWER, lay_out_clone(folders[2]), heavy=False))
        if shutil.which("Rscript"):
            write_outputs(R, run_r(R, folders[1]))


if __name__ == "__main__":
    main()
