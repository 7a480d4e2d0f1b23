"""How to cite the corpus: title, version and the hash that stands for every byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.errors import UnknownNameError
from espress.places import dataset_folder
from espress.verifying import root_hash

if TYPE_CHECKING:
    from collections.abc import Callable


def _about() -> dict[str, Any]:
    from espress.schema import schema

    return schema().about


def _key() -> str:
    about = _about()
    return f"{about['name']}_{about['version'].replace('.', '_').replace('-', '_')}"


def _bibtex(root: str) -> str:
    about = _about()
    fields = {
        "title": "{" + about["title"] + "}",
        "author": " and ".join("{" + creator + "}" for creator in about["creators"]),
        "year": str(about["year"]),
        "version": about["version"],
        "note": f"Data set, sha256 {root}",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@misc{{{_key()},", *lines, "}"])


def _apa(root: str) -> str:
    about = _about()
    authors = ", ".join(about["creators"])
    return f"{authors} ({about['year']}). {about['title']} (Version {about['version']}) [Data set]. sha256 {root}"


def _ris(root: str) -> str:
    about = _about()
    creators = [f"AU  - {creator}" for creator in about["creators"]]
    lines = ["TY  - DATA", *creators, f"TI  - {about['title']}", f"PY  - {about['year']}", f"ET  - {about['version']}"]
    return "\n".join([*lines, f"N1  - sha256 {root}", "ER  - "])


def _csl_json(root: str) -> str:
    import json

    about = _about()
    item = {
        "id": _key(),
        "type": "dataset",
        "title": about["title"],
        "author": [{"literal": creator} for creator in about["creators"]],
        "issued": {"date-parts": [[about["year"]]]},
        "version": about["version"],
        "note": f"sha256 {root}",
    }
    return json.dumps([item], ensure_ascii=False, indent=2)


def _cff(root: str) -> str:
    import json

    about = _about()
    authors = [f"  - name: {json.dumps(creator)}" for creator in about["creators"]]
    return "\n".join(
        [
            "cff-version: 1.2.0",
            "message: Please cite this version of the data.",
            "type: dataset",
            f"title: {json.dumps(about['title'])}",
            f"version: {about['version']}",
            "authors:",
            *authors,
            "identifiers:",
            "  - type: other",
            f'    value: "sha256:{root}"',
            "    description: hash of SHA256SUMS, which stands for every byte of the dataset",
        ]
    )


_STYLES: dict[str, Callable[[str], str]] = {
    "bibtex": _bibtex,
    "apa": _apa,
    "ris": _ris,
    "csl-json": _csl_json,
    "cff": _cff,
}


def cite(style: str = "bibtex") -> str:
    """Return the citation of the bundled dataset: bibtex, apa, ris, csl-json or cff.

    Raises:
        UnknownNameError: there is no such style.
        DatasetMissingError: there is no dataset whose hash could be cited.
    """
    if style not in _STYLES:
        raise UnknownNameError("style", style, list(_STYLES))
    return _STYLES[style](root_hash(dataset_folder()))
