"""Make DataCite metadata (JSON, kernel 4.5), with which a DOI is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress_build.metadata.dialects import keep_stated

if TYPE_CHECKING:
    from espress.schema import Schema
    from espress_build.metadata.dataset_facts import About

_RIGHTS = {"rightsIdentifierScheme": "SPDX", "schemeUri": "https://spdx.org/licenses/", "lang": "en"}


def _list_rights(about: About) -> list[dict[str, Any]]:
    labels = {
        "rights": "Creative Commons Attribution 4.0 International: labels and metadata",
        "rightsUri": about.license_labels_url,
        "rightsIdentifier": about.license_labels,
        **_RIGHTS,
    }
    return [labels] if about.edition == "open" else [labels, {"rights": about.license_texts, "lang": "en"}]


def _list_descriptions(about: About) -> list[dict[str, str]]:
    said = {
        "Abstract": about.description,
        "Methods": f"{about.text('collection')} {about.text('annotation_protocol')}",
        "TechnicalInfo": about.text("preprocessing"),
        "Other": about.text("limits"),
    }
    return [{"description": text, "descriptionType": kind, "lang": "en"} for kind, text in said.items()]


def make_datacite(schema: Schema, about: About, files: dict[str, tuple[int, str]]) -> dict[str, Any]:
    """Return datacite.json as a dict; it has a DOI only if one is known, because it is assigned after the files exist.

    The publisher is the current one; a repository that hosts a release replaces it by its own name.
    """
    issued = [{"date": about.released, "dateType": "Issued"}] if about.released else None
    size = sum(size for size, _ in files.values())
    return {
        **keep_stated(doi=about.doi, url=about.homepage),
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Annotated news corpus"},
        "creators": [{"name": creator, "nameType": "Organizational"} for creator in about.creators],
        "titles": [{"title": about.title, "lang": "en"}],
        "publisher": {"name": about.creators[0], "lang": "en"},
        "publicationYear": about.released[:4] if about.released else str(about.year),
        "subjects": [{"subject": keyword, "lang": "en"} for keyword in about.keywords],
        **keep_stated(dates=issued, language=about.languages[0] if about.languages else None),
        "version": about.version,
        "sizes": [f"{len(schema.tables)} tables", f"{size} bytes in Parquet files"],
        "formats": ["application/vnd.apache.parquet"],
        "rightsList": _list_rights(about),
        "descriptions": _list_descriptions(about),
        "schemaVersion": "http://datacite.org/schema/kernel-4",
    }
