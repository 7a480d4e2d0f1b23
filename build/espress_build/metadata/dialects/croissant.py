"""Make Croissant metadata (JSON-LD) with Responsible-AI fields, which dataset search engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress_build.metadata.dialects import keep_stated
from espress_build.metadata.dialects.schema_org import list_licences

if TYPE_CHECKING:
    from espress.schema import Column, Schema, Table
    from espress_build.metadata.dataset_facts import About

_TERMS = [
    "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field", "fileObject",
    "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5",
    "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator",
    "source", "subField", "transform",
]  # fmt: skip
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    **{term: f"cr:{term}" for term in _TERMS},
}
_CONFORMS_TO = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]

# Responsible-AI field -> statement of schema/dataset.toml.
_RESPONSIBLE = {
    "dataCollection": "collection",
    "dataCollectionType": "collection_type",
    "dataCollectionMissingData": "missing_data",
    "dataCollectionRawData": "raw_data",
    "dataImputationProtocol": "imputation",
    "dataPreprocessingProtocol": "preprocessing",
    "dataManipulationProtocol": "manipulation",
    "dataAnnotationProtocol": "annotation_protocol",
    "dataAnnotationPlatform": "annotation_platform",
    "dataAnnotationAnalysis": "annotation_analysis",
    "annotationsPerItem": "annotations_per_item",
    "annotatorDemographics": "annotators",
    "machineAnnotationTools": "annotation_tools",
    "dataUseCases": "use_cases",
    "dataBiases": "biases",
    "dataLimitations": "limits",
    "dataSocialImpact": "social_impact",
    "personalSensitiveInformation": "personal",
    "dataReleaseMaintenancePlan": "maintenance",
}

_TYPES = {
    "string": "sc:Text",
    "bool": "sc:Boolean",
    "int32": "cr:Int32",
    "int64": "cr:Int64",
    "float64": "cr:Float64",
    "date": "sc:Date",
    "timestamp": "sc:DateTime",
    "list<string>": "sc:Text",
}


def _make_field(table: Table, column: Column, prefix: str = "") -> dict[str, Any]:
    """Return one field. References to other tables are in datapackage.json only.

    mlcroissant joins tables on `references`: it performs only the first join of a table, and fails on a table that
    refers to itself, so its records would differ from our rows.
    """
    path = f"{table.name}/{prefix}{column.name}"
    field: dict[str, Any] = {"@type": "cr:Field", "@id": path, "name": path, "description": column.description}
    if column.type.startswith("list"):
        field["repeated"] = True
    if column.members:
        field["subField"] = [_make_field(table, member, f"{column.name}/") for member in column.members]
        return field
    extract: dict[str, Any] = {"column": prefix.rstrip("/") or column.name}
    source: dict[str, Any] = {"fileObject": {"@id": f"{table.name}.parquet"}, "extract": extract}
    if prefix:
        source["transform"] = {"jsonPath": column.name}
    field |= {"dataType": _TYPES[column.type], "source": source}
    return field


def _make_record_set(table: Table) -> dict[str, Any]:
    key = [{"@id": f"{table.name}/{name}"} for name in table.key]
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.description,
        "key": key[0] if len(key) == 1 else key,
        "field": [_make_field(table, column) for column in table.columns],
    }


def _list_files(files: dict[str, tuple[int, str]]) -> list[dict[str, Any]]:
    """Return the file objects, with the media type that mlcroissant reads as Parquet."""
    return [
        {
            "@type": "cr:FileObject",
            "@id": f"{name}.parquet",
            "name": f"{name}.parquet",
            "contentUrl": f"data/{name}.parquet",
            "contentSize": f"{size} B",
            "encodingFormat": "application/x-parquet",
            "sha256": sha256,
        }
        for name, (size, sha256) in files.items()
    ]


def make_croissant(schema: Schema, about: About, files: dict[str, tuple[int, str]]) -> dict[str, Any]:
    """Return croissant.json as a dict; `files` gives size in bytes and sha256 of each table's Parquet file."""
    makers = [{"@type": "sc:Organization", "name": creator} for creator in about.creators]
    said = {f"rai:{field}": list(about.texts[statement]) for field, statement in _RESPONSIBLE.items()}
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": _CONFORMS_TO,
        "name": about.name,
        "alternateName": about.pretty_name,
        "description": about.description,
        "version": about.version,
        **keep_stated(datePublished=about.released, url=about.homepage or about.doi_address),
        "citeAs": about.bibtex,
        "keywords": list(about.keywords),
        **keep_stated(inLanguage=list(about.languages)),
        "license": [{**licence, "@type": "sc:CreativeWork"} for licence in list_licences(about)],
        "creator": makers,
        "publisher": makers,
        "isLiveDataset": False,
        **{field: parts[0] if len(parts) == 1 else parts for field, parts in said.items()},
        "distribution": _list_files(files),
        "recordSet": [_make_record_set(table) for table in schema.files],
    }
