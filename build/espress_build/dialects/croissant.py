"""The schema as Croissant metadata (JSON-LD), the form that dataset search engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from espress.schema import Column, Schema, Table

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
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


def _field(table: Table, column: Column, prefix: str = "") -> dict[str, Any]:
    path = f"{table.name}/{prefix}{column.name}"
    field: dict[str, Any] = {"@type": "cr:Field", "@id": path, "name": path, "description": column.description}
    if column.type.startswith("list"):
        field["repeated"] = True
    if column.members:
        field["subField"] = [_field(table, member, f"{column.name}/") for member in column.members]
        return field
    extract: dict[str, Any] = {"column": prefix.rstrip("/") or column.name}
    source: dict[str, Any] = {"fileObject": {"@id": f"{table.name}.parquet"}, "extract": extract}
    if prefix:
        source["transform"] = {"jsonPath": column.name}
    field |= {"dataType": _TYPES[column.type], "source": source}
    if column.references:
        field["references"] = {"field": {"@id": column.references.replace(".", "/")}}
    return field


def _record_set(table: Table) -> dict[str, Any]:
    key = [{"@id": f"{table.name}/{name}"} for name in table.key]
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.description,
        "key": key[0] if len(key) == 1 else key,
        "field": [_field(table, column) for column in table.columns],
    }


def croissant(schema: Schema, files: dict[str, tuple[int, str]]) -> dict[str, Any]:
    """Return croissant.json as a dict; `files` gives size in bytes and sha256 of each table's Parquet file.

    The media type is the one that mlcroissant reads as Parquet.
    """
    about = schema.about
    objects = [
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
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": about["name"],
        "alternateName": about["pretty_name"],
        "description": about["description"],
        "version": about["version"],
        "keywords": about["keywords"],
        "license": about["license_labels_url"],
        "creator": [{"@type": "sc:Organization", "name": creator} for creator in about["creators"]],
        "distribution": objects,
        "recordSet": [_record_set(table) for table in schema.tables],
    }
