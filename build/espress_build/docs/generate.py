"""Generate committed files: sections and values in documents, the schema in other formats, the citation file.

Comments in a document mark its generated parts:

    <!-- generated: NAME -->          a section: whole lines, such as a table
    <!-- end -->
    <!-- value: SUBJECT.NAME -->20<!-- /value -->      a value inside a sentence

Each module of this package may define `SECTIONS` (name -> function of the dataset folder that returns Markdown) and
`VALUES` (name -> function of the dataset folder); documents name a value with its module: `labels.fewest_to_score`.
`FILES` (path in the project -> function of the dataset folder) are generated whole.
"""

from __future__ import annotations

import json
import pkgutil
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

import yaml
from tqdm import tqdm

from espress.citation import cite
from espress.errors import EspressError
from espress.schema import schema
from espress_build import docs
from espress_build.arrow_schema import arrow_schema
from espress_build.checks.catalogue import generated_checks
from espress_build.inputs.registries import read_registries
from espress_build.metadata.dialects.card_yaml import list_features
from espress_build.metadata.dialects.codebook import make_codebook
from espress_build.metadata.dialects.dictionary import make_dictionary

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from espress_build.build import Places

    Generators = dict[str, Callable[[Path], Any]]

_SECTION_OPEN = re.compile(r"^<!-- generated: ", re.MULTILINE)
_SECTION = re.compile(r"^(<!-- generated: (?P<name>[\w-]+) -->\n).*?^(<!-- end -->)$", re.DOTALL | re.MULTILINE)
_VALUE_OPEN = re.compile(r"<!-- value: ")
_VALUE = re.compile(r"(<!-- value: (?P<name>[\w.]+) -->)[^<]*(<!-- /value -->)")
# Code in a document: it may show the comments as examples, so nothing is replaced there.
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.DOTALL | re.MULTILINE)


class DriftError(EspressError):
    """Generated files differ from what the schema and the dataset give now."""


def read_generators() -> tuple[Generators, Generators]:
    """Return all sections and all values by name, as the modules of this package define them."""
    sections: Generators = {}
    values: Generators = {}
    for found in pkgutil.iter_modules(docs.__path__):
        module = import_module(f"{docs.__name__}.{found.name}")
        sections |= getattr(module, "SECTIONS", {})
        values |= {f"{found.name}.{name}": value for name, value in getattr(module, "VALUES", {}).items()}
    return sections, values


class Filler:
    """Fills documents from one dataset; every section and value is computed only once."""

    def __init__(self, dataset: Path) -> None:
        """Prepare to fill from the dataset folder."""
        self._dataset = dataset
        self._sections, self._values = read_generators()
        self._computed: dict[str, str] = {}

    def _compute(self, name: str, generators: Generators, kind: str, document: str) -> str:
        if name not in generators:
            names = ", ".join(sorted(generators))
            raise EspressError(f"{document}: there is no {kind} {name!r}. Choose one of: {names}.")
        if name not in self._computed:
            self._computed[name] = str(generators[name](self._dataset))
        return self._computed[name]

    def fill(self, text: str, document: str) -> str:
        """Return a document's text with its sections and values filled in.

        Raises:
            EspressError: a section or value does not exist, or its closing mark is missing; the message names
                `document`.
        """
        prose = _CODE.sub("", text)
        if len(_SECTION_OPEN.findall(text)) != len(_SECTION.findall(text)):
            raise EspressError(f"{document}: a section `<!-- generated: NAME -->` lacks its `<!-- end -->`.")
        if len(_VALUE_OPEN.findall(prose)) != len(_VALUE.findall(prose)):
            raise EspressError(f"{document}: a value `<!-- value: NAME -->` lacks its `<!-- /value -->`.")

        def fill_section(match: re.Match[str]) -> str:
            return f"{match[1]}{self._compute(match['name'], self._sections, 'section', document)}\n{match[3]}"

        def fill_value(match: re.Match[str]) -> str:
            return f"{match[1]}{self._compute(match['name'], self._values, 'value', document)}{match[3]}"

        filled, end = [], 0
        text = _SECTION.sub(fill_section, text)
        for code in _CODE.finditer(text):
            filled += [_VALUE.sub(fill_value, text[end : code.start()]), code[0]]
            end = code.end()
        return "".join([*filled, _VALUE.sub(fill_value, text[end:])])


def find_documents(project: Path) -> list[Path]:
    """Return the documents that may hold generated sections and values."""
    at_top = [*sorted(project.glob("*.md")), *sorted((project / "build").glob("*.md"))]
    return [*at_top, *sorted((project / "docs").rglob("*.md"))]


def _generate_dialects(where: Places) -> dict[str, str]:
    """Return path in the project -> content of the files that are generated whole from schema and registries."""
    tables = schema().tables
    checks = [{"id": c.id, "level": c.level, "why": c.why, "gx": c.gx, "sql": c.sql, "arguments": dict(c.arguments)}
              for c in generated_checks(schema())]  # fmt: skip
    features = {table.name: list_features(schema(), table) for table in tables}
    propositions = list(read_registries(where.registries).propositions.values())
    return {
        "schema/generated/dictionary.md": make_dictionary(schema()),
        "schema/generated/arrow.txt": "\n".join(f"[{t.name}]\n{arrow_schema(t).to_string()}\n" for t in tables),
        "schema/generated/features.yaml": yaml.safe_dump(features, sort_keys=False, allow_unicode=True, width=120),
        "schema/generated/checks.json": json.dumps(checks, ensure_ascii=False, indent=1) + "\n",
        "docs/generated/codebook.md": make_codebook(schema(), propositions),
        "CITATION.cff": cite("cff") + "\n",
    }


def compute_files(where: Places) -> dict[Path, str]:
    """Return every generated file with the content that it should have."""
    filler = Filler(where.dataset)
    found = tqdm(find_documents(where.project), desc="documents", unit=" document", disable=None)
    files = {path: filler.fill(path.read_text(encoding="utf-8"), str(path)) for path in found}
    modules = [import_module(f"{docs.__name__}.{found.name}") for found in pkgutil.iter_modules(docs.__path__)]
    whole = {name: make(where.dataset) for module in modules for name, make in getattr(module, "FILES", {}).items()}
    return files | {where.project / name: text for name, text in (_generate_dialects(where) | whole).items()}


def generate(where: Places, *, check: bool) -> list[Path]:
    """Write the generated files that are out of date, and return them; with `check`, write nothing.

    Raises:
        DriftError: with `check`, a file differs; the message names the files and the command that updates them.
    """
    files = compute_files(where)
    stale = [path for path, text in files.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    if check and stale:
        listed = "\n".join(f"  {path}" for path in stale)
        raise DriftError(f"These generated files are out of date:\n{listed}\nType: espress-build generate")
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8", newline="\n")
    return stale
