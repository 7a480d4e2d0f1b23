"""The worked analysis: the notebook runs from the top, shows one table and one plot, and says what it cannot show."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq
import pytest
from tests.interop import analysis

import espress

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def cells() -> list[dict[str, Any]]:
    """Return the notebook's cells as they are committed."""
    held: list[dict[str, Any]] = json.loads(analysis.NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return held


@pytest.fixture(scope="module")
def printed() -> str:
    """Return what the notebook prints."""
    return analysis.notebook_prints()


def _read_outputs(cells: list[dict[str, Any]]) -> list[str]:
    """Return what each output shows, as text, without the version and the hashes of the data."""
    shown = []
    for output in (output for cell in cells for output in cell.get("outputs", ())):
        if "text" in output:
            text = "".join(output["text"])
        else:  # matplotlib of another version places things elsewhere, but writes the same numbers
            text = " ".join(ET.fromstring("".join(output["data"]["image/svg+xml"])).itertext())  # noqa: S314 -- our own
        shown.append(re.sub(r"\b\d+\.\d+\.\d+\S*|[0-9a-f]{64}", "…", " ".join(text.split())))
    return shown


def test_the_stored_outputs_are_those_of_a_fresh_run(cells: list[dict[str, Any]]) -> None:
    fresh = [dict(cell) for cell in analysis.run_notebook().cells]
    assert _read_outputs(cells) == _read_outputs(fresh), "Type: make examples"
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert sum("image/svg+xml" in output.get("data", {}) for cell in code for output in cell["outputs"]) == 1
    assert analysis.NOTEBOOK.stat().st_size < 100_000


def test_it_runs_from_load_to_citation(printed: str) -> None:
    assert printed.startswith("event\t")
    assert printed.endswith(f"{espress.cite(style='apa')}\n")


def test_its_counts_are_those_of_the_table_in_both_readings(printed: str, project: Path) -> None:
    rows = pq.read_table(project / "dataset" / "data" / "entries.parquet").to_pylist()
    counted = re.findall(r"^(\S+)\t(outlet|official|other_named|unnamed|none)\t(\d+)\t(\d+)$", printed, re.MULTILINE)
    assert len(counted) == 2 * 5
    for article, who, *numbers in counted:
        own = [row for row in rows if row["article_id"] == article]
        for column, number in zip(("attribution", "attribution_carried"), numbers, strict=True):
            assert sum((row[column] or "none") == who for row in own) == int(number)
    for article, n in re.findall(r"^n\t(\S+)\t(\d+)$", printed, re.MULTILINE):
        for place in (2, 3):
            assert sum(int(line[place]) for line in counted if line[0] == article) == int(n)


def test_it_says_what_cannot_be_concluded(cells: list[dict[str, Any]]) -> None:
    prose = " ".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    for limit in ("Nothing about the outlets", "none was sampled", "No testable difference", "self-consistency"):
        assert limit in prose
    assert not re.search(r"\d", prose), "a number in prose grows stale; let a cell print it"


def test_the_script_in_r_asks_the_same_of_the_same_columns(cells: list[dict[str, Any]]) -> None:
    python = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    script = analysis.SCRIPT.read_text(encoding="utf-8")
    for column in ("event_ids", "outlet_id", "attribution", "attribution_carried", "is_unanimous", "source_id"):
        assert column in python
        assert column in script
