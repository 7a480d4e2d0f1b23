"""Make RO-Crate 1.1 metadata: every file of the dataset folder with its type and terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress_build.metadata.dialects import keep_stated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from espress.schema import Schema
    from espress_build.metadata.dataset_facts import About

_SPECIFICATION = "https://w3id.org/ro/crate/1.1"
_MAKER = "#maker-"
# Media type -> the page that defines it.
_FORMATS = {
    "application/vnd.apache.parquet": "https://parquet.apache.org/docs/file-format/",
    "text/markdown": "https://www.iana.org/assignments/media-types/text/markdown",
    "text/plain": "https://www.iana.org/assignments/media-types/text/plain",
    "text/html": "https://www.iana.org/assignments/media-types/text/html",
    "application/json": "https://www.iana.org/assignments/media-types/application/json",
    "application/ld+json": "https://www.iana.org/assignments/media-types/application/ld+json",
}
# Files other than tables: path -> media type, name.
BESIDE = {
    "README.md": ("text/markdown", "Dataset card"),
    "LICENSE-DATA": ("text/plain", "Rights in the data"),
    "SHA256SUMS": ("text/plain", "Hash of every other file"),
    "incidents.json": ("application/json", "Checks made and what they found"),
    "croissant.json": ("application/ld+json", "Croissant description"),
    "datapackage.json": ("application/json", "Frictionless data package"),
    "datacite.json": ("application/json", "DataCite metadata"),
    "index.html": ("text/html", "Landing page"),
}


def _unwrap_single(values: list[Any]) -> Any:
    """Return a single value instead of a list of one, as the specification requires; else all values."""
    return values[0] if len(values) == 1 else values


def _make_file(path: str, media_type: str, words: Mapping[str, str]) -> dict[str, Any]:
    return {"@id": path, "@type": "File", **words, "encodingFormat": [media_type, {"@id": _FORMATS[media_type]}]}


def _list_data_files(schema: Schema, files: dict[str, tuple[int, str]]) -> list[dict[str, Any]]:
    entries = []
    for table in schema.files:
        size, sha256 = files[table.name]
        words = {"name": table.name, "description": table.description, "contentSize": str(size), "sha256": sha256}
        entries.append(_make_file(f"data/{table.name}.parquet", "application/vnd.apache.parquet", words))
    return entries


def _list_contextual_entities(about: About) -> list[dict[str, Any]]:
    makers = [{"@id": f"{_MAKER}{n}", "@type": "Organization", "name": c} for n, c in enumerate(about.creators, 1)]
    licence = {
        "@id": about.license_labels_url,
        "@type": "CreativeWork",
        "name": about.license_labels.upper(),
        "description": f"Covers labels and metadata. {about.license_texts}",
    }
    formats = [{"@id": page, "@type": "WebSite", "name": name} for name, page in _FORMATS.items()]
    return [*makers, licence, *formats]


def make_ro_crate(schema: Schema, about: About, files: dict[str, tuple[int, str]]) -> dict[str, Any]:
    """Return ro-crate-metadata.json as a dict; `files` gives size in bytes and sha256 of each table's Parquet file.

    The specification requires a publication date, so before the first release the crate is not valid.
    """
    parts = [
        *_list_data_files(schema, files),
        *(_make_file(path, media_type, {"name": name}) for path, (media_type, name) in BESIDE.items()),
    ]
    makers = [{"@id": f"{_MAKER}{number}"} for number, _ in enumerate(about.creators, 1)]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": about.title,
        "description": about.description,
        "version": about.version,
        **keep_stated(datePublished=about.released, identifier=about.doi_address, url=about.homepage),
        "keywords": ", ".join(about.keywords),
        **keep_stated(inLanguage=_unwrap_single(list(about.languages))),
        "license": {"@id": about.license_labels_url},
        "author": _unwrap_single(makers),
        "publisher": makers[0],
        "hasPart": [{"@id": part["@id"]} for part in parts],
    }
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": _SPECIFICATION},
        "about": {"@id": "./"},
    }
    context = [f"{_SPECIFICATION}/context", {"sha256": "https://schema.org/sha256"}]
    return {"@context": context, "@graph": [descriptor, root, *parts, *_list_contextual_entities(about)]}
