"""Files for coders name no outlet: no name, alias, domain, id, address or day of publication."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq
import pytest

from espress.masking import CONTEXT_UNITS
from espress.schema import schema
from espress_build.annotate.questions import get_control_type, make_groups
from espress_build.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.annotate.material import Material


@pytest.fixture(scope="module")
def made(project: Path, material: Material, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every file that coders get, by name."""
    folder = tmp_path_factory.mktemp("export")
    assert main(["--project", str(project), "annotate", "export", str(folder)]) == 0
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())}


def _rows(project: Path, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(project / "dataset" / "data" / f"{table}.parquet").to_pylist()
    return rows


def _write_day(published: str) -> Iterator[str]:
    day = dt.date.fromisoformat(published[:10])
    forms = ["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d/%m/%Y"]
    forms += [f"{name} {day.day}" for name in ("%B", "%b")] + [f"{day.day} {name}" for name in ("%B", "%b")]
    yield from map(day.strftime, forms)


def _forbidden(project: Path) -> Iterator[str]:
    own = {row[name] for row in _rows(project, "articles") for name in ("outlet_id", "outlet", "republisher")}
    for row in _rows(project, "outlets"):
        if row["outlet_kind"] != "agency" and own & {
            row["outlet_id"],
            row["name"],
        }:  # other media speak in the articles
            yield from (row["outlet_id"], row["name"], *row["aliases"], *row["domains"])
    for row in _rows(project, "articles"):
        yield from (
            row["article_id"],
            row["raw_sha256"],
            row["raw_sha256"][:8],
            row["url"],
            *_write_day(row["published"]),
        )
        yield from (*row["event_ids"], *(row["authors"] or []), *filter(None, [row["dateline"]]))
    yield from (row["sentence_id"] for row in _rows(project, "sentences"))
    yield from ("http:", "https:", "www.")


def test_no_file_gives_the_outlet_away(project: Path, made: dict[str, str]) -> None:
    kinds = [f"{kind}.{ending}" for kind in ("articles", "units") for ending in ("json", "xml")]
    assert sorted(made) == sorted(["README.txt", *kinds])
    assert len(made["README.txt"].splitlines()) == 10
    forbidden = sorted({words for words in _forbidden(project) if words})
    assert len(forbidden) > 100
    either = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, forbidden))})(?![^\W_])")
    assert {name: either.findall(text) for name, text in made.items()} == {name: [] for name in made}


def test_every_unit_is_there_as_masked(material: Material, made: dict[str, str]) -> None:
    units = [row["data"] for row in json.loads(made["units.json"])]
    shown = {row["unit"]: row["text"] for row in units}
    assert len(units) == len(shown)
    assert shown == {line["unit"]: line["text"] for line in material.lines}
    for article in material.articles:
        texts = [line["text"] for line in material.select_lines(article)]
        own = {row["unit"]: row for row in units if row["unit"].split(".")[0] == article}
        for place, row in enumerate(own.values()):
            before, after = texts[max(0, place - CONTEXT_UNITS) : place], texts[place + 1 :][:CONTEXT_UNITS]
            assert row["before"] == ("\n".join(before) or "(the article begins here)")
            assert row["after"] == ("\n".join(after) or "(the article ends here)")


def test_every_class_of_the_codebook_is_a_choice_with_its_definition(made: dict[str, str]) -> None:
    hints = {
        (re.sub(r"(_p\d)?(_(\d|\{\{\w\}\}))?$", "", control.get("name", "")), choice.get("value")): choice.get(
            "hint", ""
        )
        for kind in ("units", "articles")
        for control in ET.fromstring(made[f"{kind}.xml"]).iter("Choices")  # noqa: S314 - our own
        for choice in control.iter("Choice")
    }
    for field, entry in schema().codebook.items():
        for value, rules in entry["classes"].items():
            assert hints[field, value].startswith(rules["definition"])
    assert [hint for hint in hints.values() if not hint] == []


def test_some_articles_alone_keep_their_numbers(
    project: Path, material: Material, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    article = material.articles["A3"]
    assert main(["--project", str(project), "annotate", "export", str(tmp_path), "--articles", article]) == 0
    units = json.loads((tmp_path / "units.json").read_text(encoding="utf-8"))
    assert {row["data"]["unit"].split(".")[0] for row in units} == {"A3"}
    assert main(["--project", str(project), "annotate", "export", str(tmp_path), "--articles", "no-such"]) == 2
    assert "There is no article 'no-such'" in capsys.readouterr().err


def _required(configuration: str) -> dict[str, set[tuple[str, str]]]:
    """Return the required controls, each with what its nearest view is visible for; Label Studio looks no further."""
    found: dict[str, set[tuple[str, str]]] = {}

    def visit(element: ET.Element, view: tuple[str, str]) -> None:
        if element.tag == "View":
            view = (element.get("whenTagName", ""), element.get("whenChoiceValue", ""))
        if element.get("required") == "true":
            found.setdefault(element.attrib["name"], set()).add(view)
        for child in element:
            visit(child, view)

    visit(ET.fromstring(configuration), ("", ""))  # noqa: S314 - our own file
    return found


def test_the_form_refuses_yes_without_a_source_and_asks_for_no_other_reasons(made: dict[str, str]) -> None:
    wanted = {}
    for p in ("p1", "p2", "p3"):
        wanted[f"bears_on_{p}"] = {("", "")}
        needed = (
            f"bears_on_reason_{p}",
            *(f"{field}_{p}_1" for field in ("source_id", "position", "attributed", "reason")),
        )
        wanted |= {name: {(f"bears_on_{p}", "yes")} for name in needed}
    assert _required(made["units.xml"]) == wanted


def test_the_form_asks_each_proposition_of_a_unit_once(material: Material, made: dict[str, str]) -> None:
    form = ET.fromstring(made["units.xml"])  # noqa: S314 - our own file
    named = [element.attrib["name"] for element in form.iter() if "name" in element.attrib]
    assert len(named) == len(set(named))
    asked = {control for row in json.loads(made["units.json"]) for group in make_groups(material, row["data"])
             for control in group.controls if get_control_type(control) != "labels"}  # fmt: skip
    sets = {f"spans_p{number}" for number in range(1, len(material.propositions) + 1)}
    assert set(named) == {"before", "text", "after"} | asked | sets
    headers = [element.get("value", "") for element in form.iter("Header")]
    statements = [f"Proposition P{n}: {row['statement']}" for n, row in enumerate(material.propositions.values(), 1)]
    assert [one for one in headers if one.startswith("Proposition ")] == statements
