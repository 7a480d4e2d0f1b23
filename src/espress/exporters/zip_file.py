"""Write one zip file of all tables in one format, with their dictionary and a README on how to cite them."""

from __future__ import annotations

import io
import tempfile
import textwrap
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from espress.citation import STYLES, describe_folder
from espress.data.resolve import find
from espress.exporters.export import export, find_home, refuse_existing
from espress.exporters.formats import choose_format
from espress.files import check_name, replace_file
from espress.schema import schema

if TYPE_CHECKING:
    import os

    from espress.data.integrity import Identity
    from espress.data.load import EditionName

_OPENED_BY = {
    "csv": "any program; read every column as text first, because programs guess types",
    "jsonl": "any programming language; one object a line",
    "sqlite": "SQLite, and in R with DBI and RSQLite",
    "duckdb": "DuckDB 1.0 or newer",
    "xlsx": "Excel and LibreOffice; one sheet a table",
    "dta": "Stata 14 or newer, and in R with haven::read_dta",
    "sav": "SPSS, and in R with haven::read_sav",
}


def export_zip(  # noqa: PLR0913  the options of one command
    to: str,
    out: str | os.PathLike[str] | None = None,
    *,
    version: str | None = None,
    source: str | Path | None = None,
    edition: EditionName | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a zip file with all tables in one format, and return its path.

    It has one folder with the files of `espress.export`, including the tables `dictionary` and `about`, and README.txt,
    which describes the data, their licence and how to cite them. The same data gives the same bytes in all formats
    except duckdb.

    Args:
        to: a format of `espress.export`.
        out: the file to write; None means `espress-<version>-<edition>-<format>.zip` in the current folder.
        version: as in `espress.export`.
        source: as in `espress.export`.
        edition: as in `espress.export`.
        overwrite: replace an existing file.

    Raises:
        InputError: the file exists already or cannot be written, or a cell breaks a limit of the format.
        UnknownNameError, DatasetMissingError, DamagedDataError, MissingLibraryError: as `espress.export`.
    """
    form = choose_format(to, excel_safe=False)
    data = find(version, source, edition)
    name = f"espress-{data.version}-{data.edition}-{to}"
    target = check_name(Path(out) if out is not None else Path(f"{name}.zip"))
    refuse_existing([target], overwrite=overwrite)
    find_home(target, together=True)
    with tempfile.TemporaryDirectory(prefix="espress-") as work:
        folder = Path(work) / name
        folder.mkdir()
        export(to, folder / f"{name}.{form.ending}" if form.together else folder / "tables", source=data.folder)
        (folder / "README.txt").write_text(_describe(data, to), encoding="utf-8", newline="\n")
        replace_file(target, _pack(Path(work)))
    return target


def _pack(home: Path) -> bytes:
    """Return a zip file of all files below a folder, in the order of their names and with a fixed time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in home.rglob("*") if path.is_file()):
            member = zipfile.ZipInfo(path.relative_to(home).as_posix())
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(member, path.read_bytes())
    return content.getvalue()


def _describe(data: Identity, to: str) -> str:
    about, reference = schema().about, describe_folder(data)
    licence = f"{about['license_labels'].upper()} ({about['license_labels_url']})"
    parts = [
        f"{about['title']}, version {data.version}, {data.edition} edition, as {to}",
        f"{about['description']} {about['editions'][data.edition]}",
        f"Opened by: {_OPENED_BY[to]}.",
        "The table `dictionary` explains every column of every table; the table `about` identifies the data.",
        f"Labels and metadata: {licence}. {about['license_texts']}",
        f"SHA-256 of SHA256SUMS, which covers every byte of the dataset: {data.root}",
        "How to cite:",
    ]
    texts = [textwrap.fill(part, 100, break_long_words=False, break_on_hyphens=False) for part in parts]
    return "\n\n".join([*texts, STYLES["apa"](reference), STYLES["bibtex"](reference)]) + "\n"
