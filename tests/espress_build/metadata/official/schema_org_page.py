"""extruct and schema.org's vocabulary: a crawler finds one Dataset in the page, made of known types and properties.

Google's own test of such pages is a service on the web and is not it; what its guide asks of a Dataset is asked here.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

_DEMANDED = {"name", "description"}
_ADVISED = {"alternateName", "creator", "datePublished", "distribution", "isAccessibleForFree", "keywords", "license",
            "measurementTechnique", "variableMeasured", "version"}  # fmt: skip


def _ids(value: Any) -> set[str]:
    listed = value if isinstance(value, list) else [value] if value else []
    return {entry["@id"].removeprefix("schema:").split("/")[-1] for entry in listed}


def vocabulary() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return class -> the classes that it is a kind of, itself among them; property -> the classes that have it."""
    graph = json.loads((files("rocrate") / "data" / "schema.jsonld").read_text(encoding="utf-8"))["@graph"]
    named = {entry["@id"].removeprefix("schema:").split("/")[-1]: entry for entry in graph}
    domains = {name: _ids(entry["schema:domainIncludes"]) for name, entry in named.items()
               if "schema:domainIncludes" in entry}  # fmt: skip
    parents = {name: _ids(entry.get("rdfs:subClassOf")) for name, entry in named.items()}

    def above(name: str) -> set[str]:
        return {name}.union(*(above(parent) for parent in parents.get(name, ())))

    return {name: above(name) for name, entry in named.items() if entry.get("@type") == "rdfs:Class"}, domains


def _unknown(node: Any, where: str, kinds: dict[str, set[str]], domains: dict[str, set[str]]) -> list[str]:
    if isinstance(node, list):
        return [found for inner in node for found in _unknown(inner, where, kinds, domains)]
    if not isinstance(node, dict):
        return []
    kind = node["@type"]
    if kind not in kinds:
        return [f"{where}: there is no type {kind}"]
    found = []
    for name, value in node.items():
        if name.startswith("@"):
            continue
        if not kinds[kind] & domains.get(name, set()):
            found.append(f"{where}: a {kind} has no property {name}")
        found += _unknown(value, f"{where}.{name}", kinds, domains)
    return found


def complaints(folder: Path) -> list[str]:
    """Return what is not as schema.org or Google's guide to dataset pages has it."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    read = import_module("extruct").extract(page, base_url="https://example.org/", syntaxes=["json-ld"])["json-ld"]
    if len(read) != 1 or read[0].get("@type") != "Dataset":
        return [f"a crawler finds {[entry.get('@type') for entry in read]} instead of one Dataset"]
    found = _unknown(read[0], "Dataset", *vocabulary())
    found += [f"Dataset: {name} is missing" for name in sorted((_DEMANDED | _ADVISED) - set(read[0]))]
    length = len(read[0]["description"])
    return found if 50 <= length <= 5000 else [*found, f"Dataset: a description of {length} characters"]


if __name__ == "__main__":
    print(f"{version('extruct')}, vocabulary of rocrate {version('rocrate')}")
    wrong = complaints(Path(sys.argv[1]))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
