"""Cite the corpus, with version, date, DOI, and the hashes that cover every byte."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.data.releases import known_releases, trust_hash
from espress.data.resolve import find
from espress.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from espress.data.integrity import Identity
    from espress.data.releases import Release


@dataclass(frozen=True)
class Reference:
    """The facts that a citation states about an edition of a version; date and DOI are None before a release."""

    title: str
    creators: tuple[str, ...]
    year: str
    date: str | None  # of the release, YYYY-MM-DD
    version: str
    edition: str
    archive: str | None  # name of the release's archive; None before a release
    doi: str | None
    homepage: str | None
    root: str  # SHA-256 of SHA256SUMS
    trust: str | None  # SHA-256 of releases.json, which names the hash of every released file
    withdrawn: bool

    @property
    def key(self) -> str:
        """The key of the entry: letters, digits and underscores."""
        return re.sub(r"[^A-Za-z0-9]", "_", f"espress_{self.version}")

    @property
    def file(self) -> str | None:
        """The archive's name, if there is neither DOI nor homepage."""
        return None if self.doi or self.homepage else self.archive

    @property
    def note(self) -> str:
        """The edition, its hash, the hash of releases.json, and a warning if the release is withdrawn."""
        trust = f"; releases.json sha256 {self.trust}" if self.trust else ""
        warning = "; this release is withdrawn" if self.withdrawn else ""
        return f"{self.edition} edition, sha256 {self.root}{trust}{warning}"

    @property
    def note_with_file(self) -> str:
        """The note after the archive's name, for citation styles that have no field for that name."""
        return f"{f'archive {self.file}; ' if self.file else ''}{self.note}"


def _make_reference(version: str, edition: str, root: str, release: Release | None) -> Reference:
    from espress.schema import schema

    about = schema().about
    return Reference(
        title=about["title"],
        creators=tuple(about["creators"]),
        year=release.date[:4] if release else str(about["year"]),
        date=release.date if release else None,
        version=version,
        edition=edition,
        archive=release.editions[edition].archive.name if release and edition in release.editions else None,
        doi=(release.doi if release else None) or about.get("doi") or None,
        homepage=about.get("homepage") or None,
        root=root,
        trust=trust_hash(),
        withdrawn=bool(release and release.status == "withdrawn"),
    )


def find_reference(version: str | None = None, edition: str | None = None) -> Reference:
    """Return the reference of a version or, if `version` and `edition` are None, of the bundled dataset.

    Raises:
        UnknownNameError: there is no such version, or it has no such edition; the message lists those that exist.
        DatasetMissingError: there is no bundled dataset.
        DamagedDataError: the bundled dataset claims to be a release, but its bytes differ from it.
    """
    releases = known_releases()
    if version in releases:
        release, edition = releases[version], edition or "full"
        if edition not in release.editions:
            raise UnknownNameError("edition", edition, list(release.editions))
        return _make_reference(version, edition, release.editions[edition].root, release)
    bundled = find()
    if version not in (None, bundled.version):
        raise UnknownNameError("version", version, list(dict.fromkeys((bundled.version, *releases))))
    if edition not in (None, bundled.edition):
        raise UnknownNameError("edition", edition, [bundled.edition], "To cite a release, give its version.")
    return describe_folder(bundled)


def describe_folder(identity: Identity) -> Reference:
    """Return the reference of a dataset folder."""
    return _make_reference(identity.version, identity.edition, identity.root, identity.release)


_LATEX = str.maketrans({sign: f"\\{sign}" for sign in "&%$#_{}"} | {"\\": "\\textbackslash{}"})


def format_bibtex(key: str, fields: Mapping[str, str | None], *, between: str = ", ", end: str = "") -> str:
    """Return a BibTeX entry of the type `misc` with the fields that have a value; values are LaTeX."""
    entries = [f"{name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{between.join([key, *entries])}{end}}}"


def _format_bibtex(source: Reference) -> str:
    creators = ["{" + creator.translate(_LATEX) + "}" for creator in source.creators]
    fields = {
        "title": "{" + source.title.translate(_LATEX) + "}",
        "author": " and ".join(creators),
        "year": source.year,
        "date": source.date,
        "version": source.version,
        "doi": source.doi,
        "url": source.homepage,
        "howpublished": source.file and f"Archive {source.file.translate(_LATEX)}",
        "note": f"Data set, {source.note.translate(_LATEX)}",
    }
    return format_bibtex(source.key, fields, between=",\n  ", end=",\n")


def _format_apa(source: Reference) -> str:
    creators = [*source.creators[:-2], " & ".join(source.creators[-2:])]
    address = f" https://doi.org/{source.doi}" if source.doi else f" {source.homepage}" if source.homepage else ""
    work = f"{source.title} (Version {source.version}) [Data set]."
    note = source.note_with_file
    return f"{', '.join(creators)} ({source.year}). {work}{address} {note if address else note[:1].upper() + note[1:]}"


def _format_ris(source: Reference) -> str:
    fields = [
        ("TY", "DATA"),
        ("ID", source.key),
        *(("AU", creator) for creator in source.creators),
        ("TI", source.title),
        ("PY", source.year),
        ("DA", source.date and source.date.replace("-", "/")),
        ("ET", source.version),
        ("DO", source.doi),
        ("UR", source.homepage),
        ("N1", source.note_with_file),
    ]
    return "\n".join([f"{tag}  - {value}" for tag, value in fields if value] + ["ER  - "])


def _format_csl_json(source: Reference) -> str:
    date = [int(part) for part in (source.date or source.year).split("-")]
    item = {
        "id": source.key,
        "type": "dataset",
        "title": source.title,
        "author": [{"literal": creator} for creator in source.creators],
        "issued": {"date-parts": [date]},
        "version": source.version,
        "DOI": source.doi,
        "URL": source.homepage,
        "note": source.note_with_file,
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=2)


def _format_cff(source: Reference) -> str:
    covers = f"hash of SHA256SUMS, which covers every byte of the {source.edition} edition"
    identifiers = [(f"sha256:{source.root}", covers)]
    if source.trust:
        trusted = "hash of releases.json, which names the hash of every released file"
        identifiers.append((f"sha256:{source.trust}", trusted))
    if source.file:
        identifiers.append((source.file, f"name of the archive of the {source.edition} edition"))
    withdrawn = " It is withdrawn; see releases.json." if source.withdrawn else ""
    lines = [
        "cff-version: 1.2.0",
        f"message: Please cite this version of the data.{withdrawn}",
        "type: dataset",
        f"title: {json.dumps(source.title, ensure_ascii=False)}",
        f"version: {source.version}",
        *([f'date-released: "{source.date}"'] if source.date else []),
        *([f"doi: {source.doi}"] if source.doi else []),
        *([f"url: {json.dumps(source.homepage)}"] if source.homepage else []),
        "authors:",
        *(f"  - name: {json.dumps(creator, ensure_ascii=False)}" for creator in source.creators),
        "identifiers:",
    ]
    for value, meaning in identifiers:
        lines += ["  - type: other", f"    value: {json.dumps(value)}", f"    description: {meaning}"]
    return "\n".join(lines)


STYLES: dict[str, Callable[[Reference], str]] = {
    "bibtex": _format_bibtex,
    "apa": _format_apa,
    "ris": _format_ris,
    "csl-json": _format_csl_json,
    "cff": _format_cff,
}


def cite(style: str = "bibtex", version: str | None = None, *, edition: str | None = None) -> str:
    """Return the citation of a version of the data, with its edition, the hash of its bytes and that of releases.json.

    Without DOI and homepage, the citation names the release's archive instead of an address.

    Args:
        style: bibtex, apa, ris, csl-json or cff, in capitals or small letters.
        version: a released version; None means the bundled dataset.
        edition: "full" or "open", which have different hashes; None means the bundled edition, or "full" if a version
            is given.

    Raises:
        UnknownNameError: there is no such style, version or edition.
        DatasetMissingError: there is no bundled dataset.
        DamagedDataError: the bundled dataset claims to be a release, but its bytes differ from it.
    """
    known = str(style).strip().casefold().replace("_", "-")
    if known not in STYLES:
        raise UnknownNameError("style", style, list(STYLES))
    return STYLES[known](find_reference(version, edition))
