"""Make schema.org metadata, and the landing page that shows it to search engines."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from espress_build.metadata.dialects import keep_stated

if TYPE_CHECKING:
    from espress.schema import Schema
    from espress_build.metadata.dataset_facts import About

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta name="description" content="{description}">
<script type="application/ld+json">
{data}
</script>
</head>
<body>
<h1>{title}</h1>
<p>Version {version}, {edition} edition{day}.</p>
<p>{description}</p>
<h2>Tables</h2>
<ul>
{tables}
</ul>
<h2>Limits</h2>
<p>{limits}</p>
<h2>Rights</h2>
<p>Labels and metadata: <a href="{licence}">{licence_name}</a>, see <a href="LICENSE-DATA">LICENSE-DATA</a>. {texts}</p>
<h2>How to cite</h2>
<pre>{citation}</pre>
<p>The whole card: <a href="README.md">README.md</a>. Every byte: <a href="SHA256SUMS">SHA256SUMS</a>.</p>
</body>
</html>
"""


def _make_download(name: str, description: str, size: int, sha256: str) -> dict[str, Any]:
    return {
        "@type": "DataDownload",
        "name": name,
        "description": description,
        "contentUrl": f"data/{name}.parquet",
        "contentSize": f"{size} B",
        "encodingFormat": "application/vnd.apache.parquet",
        "sha256": sha256,
    }


def list_licences(about: About) -> list[dict[str, Any]]:
    """Return the licence of the labels and, in the full edition, the rights in the texts."""
    name = f"{about.license_labels.upper()}: labels and metadata"
    labels = {"@type": "CreativeWork", "name": name, "url": about.license_labels_url}
    texts = {"@type": "CreativeWork", "name": "Article texts: no licence", "description": about.license_texts}
    return [labels] if about.edition == "open" else [labels, texts]


def make_schema_org(schema: Schema, about: About, files: dict[str, tuple[int, str]]) -> dict[str, Any]:
    """Return the description as JSON-LD; paths of files are relative to the page that holds it."""
    makers = [{"@type": "Organization", "name": creator} for creator in about.creators]
    labels = {table.name: [column.name for column in table.columns if column.labels] for table in schema.tables}
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": about.title,
        "alternateName": about.pretty_name,
        "description": about.description,
        **keep_stated(identifier=about.doi_address, url=about.homepage or about.doi_address),
        "version": about.version,
        **keep_stated(datePublished=about.released),
        "keywords": list(about.keywords),
        **keep_stated(inLanguage=list(about.languages)),
        "license": list_licences(about),
        "conditionsOfAccess": about.license_texts,
        "isAccessibleForFree": True,
        "creator": makers,
        "publisher": makers,
        "creditText": about.bibtex,
        "measurementTechnique": about.text("annotation_protocol"),
        "variableMeasured": [f"{table}.{column}" for table, columns in labels.items() for column in columns],
        "distribution": [_make_download(t.name, t.description, *files[t.name]) for t in schema.files],
    }


def make_landing_page(schema: Schema, about: About, files: dict[str, tuple[int, str]]) -> str:
    """Return index.html: a short card that contains the description for search engines.

    The Hub removes scripts from cards and writes its own description; on other servers, this page is used.
    """
    data = json.dumps(make_schema_org(schema, about, files), ensure_ascii=False, indent=1)
    tables = [
        f'<li><a href="data/{table.name}.parquet">{table.name}</a>: {escape(table.description)}</li>'
        for table in schema.files
    ]
    return _PAGE.format(
        title=escape(about.title),
        description=escape(about.description),
        data=data.replace("<", "\\u003c"),  # text that contains </script> must not end the script
        version=escape(about.version),
        edition=about.edition,
        day=f", published {about.released}" if about.released else "",
        tables="\n".join(tables),
        limits=escape(about.text("limits")),
        licence=escape(about.license_labels_url),
        licence_name=about.license_labels.upper(),
        texts=escape(about.license_texts),
        citation=escape(about.bibtex),
    )
