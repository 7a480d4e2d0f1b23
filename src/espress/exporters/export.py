"""Exporting: from the tables of one version to files of one format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from espress.data.resolve import find
from espress.errors import InputError, UnknownNameError
from espress.exporters.formats import chosen
from espress.exporters.limits import refuse
from espress.exporters.output_path import draft, home_of, move, refuse_existing
from espress.exporters.tables import Sheet, about, dictionary, sheet

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from espress.data.integrity import Identity
    from espress.data.load import EditionName
    from espress.exporters.formats import Format


def export(  # noqa: PLR0913  the options of one command
    to: str,
    out: str | os.PathLike[str] | None = None,
    configs: Sequence[str] | None = None,
    *,
    version: str | None = None,
    source: str | Path | None = None,
    edition: EditionName | None = None,
    excel_safe: bool = False,
    overwrite: bool = False,
) -> Path:
    """Write tables of the corpus in another format, and return the file or folder that was written.

    sqlite, duckdb and xlsx are one file with all tables; csv, jsonl, dta and sav a folder with a file a table. Each
    also holds a table `dictionary`, which explains the columns, and `about`, which says which data these are. If `out`
    ends in `.csv`, `.jsonl`, `.dta` or `.sav`, that one file is written, with one table and nothing else.

    Args:
        to: csv, jsonl, sqlite, duckdb, xlsx, dta (Stata) or sav (SPSS). docs/user/export.md says what each cannot hold.
        out: the file or folder to write; None means `espress-<version>.<format>` or `espress-<version>-<format>`, here.
        configs: the tables; None means all.
        version: version of the data; None means the bundled one, or the one that the source holds.
        source: a dataset folder, an archive or `hub:OWNER/NAME`, as in `espress.load`.
        edition: "full" or "open"; None means that of the bundled dataset or of the source.
        excel_safe: csv only: what Excel opens without harm. It loses the difference of null and empty string.
        overwrite: replace files that are there.

    Raises:
        UnknownNameError: there is no such format, config, version or edition.
        DatasetMissingError, DamagedDataError, DownloadError, CacheError: as in `espress.load`.
        InputError: a cell breaks a limit of the format, something stands in the way, or the place cannot be written to.
        MissingLibraryError: the library that writes the format is not installed.
    """
    form = chosen(to, excel_safe=excel_safe)
    data = find(version, source, edition)
    target = Path(out) if out is not None else _default(data.version, to, form)
    single = _is_single(target, form, configs)
    sheets = _sheets(configs, data, form, explained=not single)
    refuse(sheets, form.limits, form.size, to)
    _put(sheets, form, target, together=form.together or single, overwrite=overwrite)
    return target


def _is_single(target: Path, form: Format, configs: Sequence[str] | None) -> bool:
    """Return whether one table goes into one file and nothing else; raises InputError if more than one would."""
    single = not form.together and target.suffix == f".{form.ending}"
    if single and (configs is None or len(set(configs)) != 1):
        raise InputError([f"{target} is one file and holds one table. Name the table with --config, or name a folder."])
    return single


def _sheets(configs: Sequence[str] | None, data: Identity, form: Format, *, explained: bool) -> list[Sheet]:
    """Return what is written, as the format wants it; explained by a dictionary and by what the data are."""
    sheets = _tables(configs, data)
    if explained:
        sheets += [dictionary(sheets, form.renamed), _about(data)]
    return [form.prepare(item) for item in sheets]


def _tables(configs: Sequence[str] | None, data: Identity) -> list[Sheet]:
    """Return the tables asked for, in the schema's order, each once."""
    from espress.data.load import load
    from espress.schema import schema

    order = [table.name for table in schema().tables]
    there = {path.stem for path in (data.folder / "data").glob("*.parquet")}
    known = [*(name for name in order if name in there), *sorted(there - set(order))]
    asked = known if configs is None else [name for name in known if name in configs]
    for unknown in sorted(set(configs or ()) - set(known)):
        raise UnknownNameError("config", unknown, known)
    if not asked:
        raise InputError(["No table is named, so there is nothing to export. Leave configs out for all tables."])
    return [sheet(config, load(config, as_="arrow", source=data.folder)) for config in asked]


def _about(data: Identity) -> Sheet:
    from espress.citation import STYLES, reference_of

    return about(STYLES["apa"](reference_of(data)), data.version, data.root)


def _default(version: str, to: str, form: Format) -> Path:
    return Path(f"espress-{version}.{form.ending}" if form.together else f"espress-{version}-{to}")


def _put(sheets: Sequence[Sheet], form: Format, target: Path, *, together: bool, overwrite: bool) -> None:
    """Write all files in a draft, then move them to their places."""
    folder = target.parent if together else target
    names = [target.name] if together else [f"{item.table.name}.{form.ending}" for item in sheets]
    refuse_existing([folder / name for name in names], overwrite=overwrite)
    with draft(home_of(target, together=together)) as place:
        if form.together:
            form.write(sheets, place / names[0])
        else:
            for item, name in zip(sheets, names, strict=True):
                form.write(item, place / name)
        move([place / name for name in names], folder)
