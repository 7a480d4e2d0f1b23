"""Everything that is made and committed: the schema's dialects, the generated blocks in prose, the citation file."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import yaml

from espress.citation import cite
from espress.errors import EspressError
from espress.schema import schema
from espress_build.arrow_schema import arrow_schema
from espress_build.checks.catalogue import generated_checks
from espress_build.docs.catalogue import CATALOGUE_BLOCKS
from espress_build.docs.corpus import BLOCKS as CORPUS_BLOCKS
from espress_build.docs.hydrate import HYDRATE_BLOCKS
from espress_build.docs.interop import INTEROP_BLOCKS
from espress_build.docs.labels import LABEL_BLOCKS
from espress_build.docs.metadata import METADATA_BLOCKS
from espress_build.docs.pages import GROWING_BLOCKS
from espress_build.docs.probe import TABLE_BLOCKS
from espress_build.docs.probe_checks import PROBE_BLOCKS
from espress_build.inputs.registries import read_registries
from espress_build.metadata.dialects.card_yaml import features_for_card
from espress_build.metadata.dialects.codebook import codebook
from espress_build.metadata.dialects.dictionary import dictionary

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.pipeline.build import Places

BLOCKS = (
    CORPUS_BLOCKS
    | CATALOGUE_BLOCKS
    | LABEL_BLOCKS
    | PROBE_BLOCKS
    | TABLE_BLOCKS
    | METADATA_BLOCKS
    | INTEROP_BLOCKS
    | GROWING_BLOCKS
    | HYDRATE_BLOCKS
)
_OPEN = re.compile(r"^<!-- generated: ", re.MULTILINE)
_BLOCK = re.compile(r"^(<!-- generated: (?P<name>[\w-]+) -->\n).*?^(<!-- end -->)$", re.DOTALL | re.MULTILINE)
MEND = "espress-build generate"


class DriftError(EspressError):
    """Generated files are not what the schema and the dataset give now."""


def _dialects() -> dict[str, str]:
    tables = schema().tables
    checks = [{"id": c.id, "level": c.level, "why": c.why, "gx": c.gx, "sql": c.sql, "arguments": dict(c.arguments)}
              for c in generated_checks(schema())]  # fmt: skip
    features = {table.name: features_for_card(schema(), table) for table in tables}
    return {
        "dictionary.md": dictionary(schema()),
        "arrow.txt": "\n".join(f"[{t.name}]\n{arrow_schema(t).to_string()}\n" for t in tables),
        "features.yaml": yaml.safe_dump(features, sort_keys=False, allow_unicode=True, width=120),
        "checks.json": json.dumps(checks, ensure_ascii=False, indent=1) + "\n",
    }


def fill(text: str, dataset: Path, where: str) -> str:
    """Return prose with its generated blocks filled from the dataset; raises EspressError for an unknown block."""

    def made(match: re.Match[str]) -> str:
        if match["name"] not in BLOCKS:
            raise EspressError(f"{where}: there is no block {match['name']!r}. Blocks: {', '.join(sorted(BLOCKS))}.")
        return f"{match[1]}{BLOCKS[match['name']](dataset)}\n{match[3]}"

    if len(_OPEN.findall(text)) != len(_BLOCK.findall(text)):
        raise EspressError(f"{where}: a block `<!-- generated: NAME -->` lacks its `<!-- end -->`.")
    return _BLOCK.sub(made, text)


def prose(project: Path) -> list[Path]:
    """Return the documents that may hold generated blocks."""
    return [*sorted(project.glob("*.md")), *sorted((project / "docs").rglob("*.md"))]


def generated(where: Places) -> dict[Path, str]:
    """Return every generated file with the content that it should have."""
    files = {where.project / "schema" / "generated" / name: text for name, text in _dialects().items()}
    for path in prose(where.project):
        before = path.read_text(encoding="utf-8")
        if _OPEN.search(before):
            files[path] = fill(before, where.dataset, str(path))
    propositions = list(read_registries(where.registries).propositions.values())
    files[where.project / "docs" / "generated" / "codebook.md"] = codebook(schema(), propositions)
    files[where.project / "CITATION.cff"] = cite("cff") + "\n"
    return files


def generate(where: Places, *, check: bool) -> list[Path]:
    """Write what should be generated and differs, and return it; with `check` write nothing.

    Raises:
        DriftError: with `check`, something differs; the message names the files and the command that mends them.
    """
    stale = []
    for path, text in generated(where).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
    if check and stale:
        listed = "\n".join(f"  {path}" for path in stale)
        raise DriftError(f"These files are not what schema and dataset give now:\n{listed}\nType: {MEND}")
    return stale
