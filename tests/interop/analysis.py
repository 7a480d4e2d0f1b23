"""The worked analysis, as notebook and as R script: both must print the same, word for word.

`python -m tests.interop.analysis` runs the notebook and stores its outputs in it.
"""

from __future__ import annotations

import difflib
import json
from functools import cache
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tests.helpers import PROJECT
from tests.interop.readers import run_command

if TYPE_CHECKING:
    from pathlib import Path

NOTEBOOK = PROJECT / "docs" / "user" / "analysis.ipynb"
SCRIPT = PROJECT / "docs" / "user" / "analysis.R"
_SECONDS = 120


@cache
def run_notebook() -> Any:
    """Return the notebook with its outputs, run from the top; raises nbclient's error if a cell stops."""
    import nbformat
    from nbclient import NotebookClient
    from traitlets.config import Config

    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    with TemporaryDirectory(prefix="espress-kernel-") as aside:
        # By default the kernel listens on ports of this machine; and its sockets would lie in the project.
        private = Config(KernelManager={"transport": "ipc", "ip": f"{aside}/kernel"})
        client = NotebookClient(notebook, timeout=_SECONDS, kernel_name="python3", config=private, record_timing=False)
        client.resources = {"metadata": {"path": str(PROJECT)}}
        client.execute()
    return notebook


def notebook_prints() -> str:
    """Return what the cells of the notebook print."""
    outputs = [output for cell in run_notebook().cells for output in cell.get("outputs", ())]
    return "".join(output["text"] for output in outputs if output.get("name") == "stdout")


def store_outputs() -> None:
    """Run the notebook and write it with its outputs, as JSON with one space of indentation."""
    import nbformat

    held = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    fresh = json.loads(nbformat.writes(run_notebook()))  # type: ignore[no-untyped-call]
    for cell, run in zip(held["cells"], fresh["cells"], strict=True):
        if cell["cell_type"] == "code":
            cell |= {"execution_count": run["execution_count"], "outputs": run["outputs"]}
    NOTEBOOK.write_text(json.dumps(held, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def run_r(subject: Path, aside: Path) -> tuple[str, str]:
    """Return R's version and what the script prints from the exported CSV; raises ClientError."""
    version = run_command(("Rscript", "-e", "cat('R-', R.version$major, '.', R.version$minor, sep = '')"), aside)
    printed = run_command(("Rscript", str(SCRIPT), str(subject / "csv"), str(aside / "analysis.svg")), aside)
    return version, printed


def compare_numbers(printed: str) -> str | None:
    """Return the first lines in which R and the notebook differ, or None."""
    ours = notebook_prints()
    if printed == ours:
        return None
    differing = difflib.unified_diff(ours.splitlines(), printed.splitlines(), "notebook", "R", lineterm="", n=0)
    return " / ".join(list(differing)[2:6])


if __name__ == "__main__":
    store_outputs()
