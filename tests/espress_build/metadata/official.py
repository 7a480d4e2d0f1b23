"""Run one official validator over a dataset folder (or, for CITATION.cff, over the project).

Usage: python official.py VALIDATOR FOLDER, by the interpreter of the environment that has the validator
(`make metadata-test` installs them). Prints the validator's version, then one complaint per line; exit code 1 if any.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import warnings
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

os.environ["HF_HUB_OFFLINE"] = "1"
_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
_ACCEPT = {"Accept": "application/ld+json, application/json, */*;q=0.1"}
# A recommendation that nobody can follow yet: the maintainers have no page of their own.
_WITHOUT = "ro-crate-1.1_31.2"
_DEMANDED = {"name", "description"}
_ADVISED = {"alternateName", "creator", "datePublished", "distribution", "isAccessibleForFree", "keywords", "license",
            "measurementTechnique", "variableMeasured", "version"}  # fmt: skip


def _run(command: str, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command that is installed beside the interpreter."""
    path = str(Path(sys.executable).parent / command)
    return subprocess.run([path, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def check_croissant(folder: Path) -> list[str]:
    """mlcroissant: the file is valid without a warning and has every table. Its rows are compared by `make interop`."""
    done = _run("mlcroissant", "validate", "--jsonld", str(folder / "croissant.json"))
    said = [line for line in (done.stdout + done.stderr).splitlines() if "validate.py" not in line and line.strip()]
    found = said or ([f"exit code {done.returncode}"] if done.returncode else [])
    dataset = import_module("mlcroissant").Dataset(jsonld=str(folder / "croissant.json"))
    tables = {path.stem for path in (folder / "data").glob("*.parquet")}
    unread = tables - {record_set.id for record_set in dataset.metadata.record_sets}
    return found + [f"{name}: has no record set" for name in sorted(unread)]


def check_data_package(folder: Path) -> list[str]:
    """frictionless: neither errors nor warnings, and it read every row of every table."""
    import pyarrow.parquet as pq  # in the environments that need it

    done = _run("frictionless", "validate", "--json", "datapackage.json", folder=folder)
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        return [done.stdout + done.stderr]
    found = [str(error) for error in [*report["errors"], *report["warnings"]]]
    for task in report["tasks"]:
        found += [f"{task['name']}: {error['message']}" for error in task["errors"]]
        found += [f"{task['name']}: {warning}" for warning in task["warnings"]]
        rows = pq.read_metadata(folder / task["place"]).num_rows
        if (task["stats"].get("rows") or 0) != rows:
            found.append(f"{task['name']}: it read {task['stats'].get('rows') or 0} of {rows} rows")
    tables = {f"data/{path.name}" for path in (folder / "data").glob("*.parquet")}
    return found + [f"{path}: not in the package" for path in sorted(tables - {t["place"] for t in report["tasks"]})]


def _fill_cache(cache: Path) -> None:
    """Put the context that the rocrate package ships into the cache, where the validator looks before the web."""
    requests, urllib3 = import_module("requests"), import_module("urllib3")
    content = (files("rocrate") / "data" / "ro-crate.jsonld").read_bytes()
    if json.loads(content)["@id"] != _CONTEXT:
        raise SystemExit("this rocrate ships another context; see tests/espress_build/metadata/rocrate.in")
    response = requests.Response()
    response.status_code, response.url, response._content = 200, _CONTEXT, content
    response.headers["Content-Type"] = "application/ld+json"
    response.request = requests.Request("GET", _CONTEXT, headers=_ACCEPT).prepare()
    response.raw = urllib3.HTTPResponse(io.BytesIO(content), status=200, preload_content=False)
    import_module("requests_cache").CachedSession(str(cache), backend="sqlite").cache.save_response(response)


def check_ro_crate(folder: Path) -> list[str]:
    """roc-validator and rocrate: a valid RO-Crate 1.1 that follows the recommendations and knows every file."""
    with tempfile.TemporaryDirectory() as aside:
        cache, report = Path(aside) / "cache", Path(aside) / "report.json"
        _fill_cache(cache)
        done = _run(
            "rocrate-validator", "-y", "validate", "--offline", "--cache-path",
            str(cache), "-p", "ro-crate-1.1", "-l", "recommended", "-s", _WITHOUT, "--no-paging", "-f", "json",
            "-o", str(report), str(folder),
        )  # fmt: skip
        if not report.is_file():
            return [done.stdout + done.stderr]
        result = json.loads(report.read_text(encoding="utf-8"))
    found = [f"{issue['check']['identifier']}: {issue['message']}" for issue in result["issues"]]
    if not result["passed"] and not found:
        found.append(f"exit code {done.returncode}")
    crate = import_module("rocrate.rocrate").ROCrate(str(folder))
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    known = {entity.id for entity in crate.data_entities} | {crate.metadata.id}
    return found + [f"{path}: only in the crate or only in the folder" for path in sorted(there ^ known)]


def check_datacite(folder: Path) -> list[str]:
    """DataCite's JSON schema 4.5: valid as it is and with a DOI, and its client makes XML of it."""
    schema45 = import_module("datacite.schema45")
    stated = json.loads((folder / "datacite.json").read_text(encoding="utf-8"))
    found = [
        f"{error.json_path}: {error.message}"
        for record in (stated, stated | {"doi": "10.5072/example"})
        for error in schema45.validator.iter_errors(record)
    ]
    return found or ([] if f"<version>{stated['version']}</version>" in schema45.tostring(stated) else ["no XML"])


def _read_ids(value: Any) -> set[str]:
    listed = value if isinstance(value, list) else [value] if value else []
    return {entry["@id"].removeprefix("schema:").split("/")[-1] for entry in listed}


def _read_vocabulary() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return class -> the classes that it is a kind of, itself among them; property -> the classes that have it."""
    graph = json.loads((files("rocrate") / "data" / "schema.jsonld").read_text(encoding="utf-8"))["@graph"]
    named = {entry["@id"].removeprefix("schema:").split("/")[-1]: entry for entry in graph}
    domains = {name: _read_ids(entry["schema:domainIncludes"]) for name, entry in named.items()
               if "schema:domainIncludes" in entry}  # fmt: skip
    parents = {name: _read_ids(entry.get("rdfs:subClassOf")) for name, entry in named.items()}

    def list_ancestors(name: str) -> set[str]:
        return {name}.union(*(list_ancestors(parent) for parent in parents.get(name, ())))

    return {name: list_ancestors(name) for name, entry in named.items() if entry.get("@type") == "rdfs:Class"}, domains


def _find_unknown(node: Any, where: str, kinds: dict[str, set[str]], domains: dict[str, set[str]]) -> list[str]:
    if isinstance(node, list):
        return [found for inner in node for found in _find_unknown(inner, where, kinds, domains)]
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
        found += _find_unknown(value, f"{where}.{name}", kinds, domains)
    return found


def check_page(folder: Path) -> list[str]:
    """extruct: a crawler finds one Dataset in the page, with the types and properties that Google's guide asks for."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    read = import_module("extruct").extract(page, base_url="https://example.org/", syntaxes=["json-ld"])["json-ld"]
    if len(read) != 1 or read[0].get("@type") != "Dataset":
        return [f"a crawler finds {[entry.get('@type') for entry in read]} instead of one Dataset"]
    found = _find_unknown(read[0], "Dataset", *_read_vocabulary())
    found += [f"Dataset: {name} is missing" for name in sorted((_DEMANDED | _ADVISED) - set(read[0]))]
    length = len(read[0]["description"])
    return found if 50 <= length <= 5000 else [*found, f"Dataset: a description of {length} characters"]


def check_citation(project: Path) -> list[str]:
    """cffconvert: the project's citation file is valid."""
    done = _run("cffconvert", "--validate", "-i", str(project / "CITATION.cff"))
    good = done.returncode == 0 and "are valid according to schema version 1.2.0" in done.stdout
    return [] if good else [done.stdout + done.stderr]


def _check_card(folder: Path) -> list[str]:
    import yaml
    from huggingface_hub import DatasetCard, DatasetCardData

    card = DatasetCard.load(str(folder / "README.md"), repo_type="dataset")
    if not isinstance(card.data, DatasetCardData):
        return [f"README.md: read as {type(card.data).__name__}"]
    front = yaml.safe_load((folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)[1])
    again = DatasetCard(str(card))
    read, reread = (dict[str, object](each.data.to_dict()) for each in (card, again))
    found = [] if read == front else ["README.md: the card's data is not its front matter"]
    same = reread == front and again.text == card.text
    return found if same else [*found, "README.md: not the same after a round trip"]


def _check_configs(folder: Path) -> list[str]:
    import pyarrow.parquet as pq  # in the environments that need it
    from datasets import get_dataset_config_names, load_dataset

    found = []
    paths = {path.stem: path for path in (folder / "data").glob("*.parquet")}
    filled = {name for name, path in paths.items() if pq.read_metadata(path).num_rows}
    configs: dict[str, dict[str, str]] = {}  # config -> split -> file; a config in one file has one split of any name
    for name in sorted(filled):
        config, _, split = name.partition("-")
        configs.setdefault(config, {})[split] = name
    if set(get_dataset_config_names(str(folder))) != set(configs):
        found.append("README.md: its configs are not the tables with rows")
    with tempfile.TemporaryDirectory() as cache:
        for config, files in configs.items():
            for split, loaded in load_dataset(str(folder), config, cache_dir=cache).items():
                path = paths[files[split] if split in files else files[""]]
                rows, columns = pq.read_table(path).num_rows, pq.read_schema(path).names
                if (loaded.num_rows, loaded.column_names) != (rows, columns):
                    found.append(f"{path.stem}: {loaded.num_rows} rows of {loaded.column_names}")
    return found


def check_hub_card(folder: Path) -> list[str]:
    """huggingface_hub and datasets: the card survives a round trip, and every config loads without a warning."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = [*_check_card(folder), *_check_configs(folder)]
    return found + [f"warning: {each.message}" for each in warned if not issubclass(each.category, DeprecationWarning)]


VALIDATORS: dict[str, tuple[Callable[[Path], list[str]], Callable[[], str]]] = {
    "mlcroissant": (check_croissant, lambda: version("mlcroissant")),
    "frictionless": (check_data_package, lambda: version("frictionless")),
    "roc-validator": (check_ro_crate, lambda: f"{version('roc-validator')}, rocrate {version('rocrate')}"),
    "datacite": (check_datacite, lambda: f"{version('datacite')}, schema 4.5"),
    "extruct": (check_page, lambda: f"{version('extruct')}, vocabulary of rocrate {version('rocrate')}"),
    "cffconvert": (check_citation, lambda: version("cffconvert")),
    "huggingface_hub": (check_hub_card, lambda: f"{version('huggingface_hub')}, datasets {version('datasets')}"),
}

if __name__ == "__main__":
    check, get_version = VALIDATORS[sys.argv[1]]
    print(get_version())
    complaints = check(Path(sys.argv[2]))
    print("\n".join(complaints))
    sys.exit(1 if complaints else 0)
