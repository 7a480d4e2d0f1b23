"""Export tables of one version to files of one format; a failed export leaves no files."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from espress.citation import STYLES, describe_folder
from espress.data.resolve import find
from espress.errors import InputError, UnknownNameError
from espress.exporters.described_tables import Sheet, make_about, make_dictionary, make_sheet
from espress.exporters.formats import choose_format
from espress.exporters.limits import check_limits
from espress.files import check_name, sync_folder
from espress.schema import schema
from espress.tables import join_few

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

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

    sqlite, duckdb and xlsx are one file with all tables; csv, jsonl, dta and sav give a folder with one file per table.
    Each also holds a table `dictionary`, which explains the columns, and a table `about`, which identifies the data. If
    `out` ends in `.csv`, `.jsonl`, `.dta` or `.sav`, only that file is written, with one table.

    Args:
        to: csv, jsonl, sqlite, duckdb, xlsx, dta (Stata) or sav (SPSS). docs/user/export.md lists the limits of each.
        out: the file or folder to write; None means `espress-<version>.<format>` or `espress-<version>-<format>` in the
            current folder.
        configs: the tables; None means all.
        version: version of the data; None means the bundled version, or the version of the source.
        source: a dataset folder, an archive or `hub:OWNER/NAME`, as in `espress.load`.
        edition: "full" or "open"; None means the edition of the bundled dataset or of the source.
        excel_safe: only for csv: write files that are safe to open in Excel, which do not distinguish null from the
            empty string.
        overwrite: replace existing files.

    Raises:
        UnknownNameError: there is no such format, config, version or edition.
        DatasetMissingError, DamagedDataError, DownloadError, CacheError: as in `espress.load`.
        InputError: a cell breaks a limit of the format, a file exists already, or `out` cannot be written.
        MissingLibraryError: the library that writes the format is not installed.
    """
    form = choose_format(to, excel_safe=excel_safe)
    data = find(version, source, edition)
    default = f"espress-{data.version}.{form.ending}" if form.together else f"espress-{data.version}-{to}"
    target = check_name(Path(default if out is None else out))
    single = _is_single(target, form, configs)
    sheets = _read_tables(configs, data)
    if not single:
        about = make_about(STYLES["apa"](describe_folder(data)), data.version, data.root)
        sheets += [make_dictionary(sheets, form.rename), about]
    sheets = [form.prepare(sheet) for sheet in sheets]
    check_limits(sheets, form.limits, form.size, to)
    _write(sheets, form, target, together=form.together or single, overwrite=overwrite)
    return target


def _is_single(target: Path, form: Format, configs: Sequence[str] | None) -> bool:
    """Return whether `out` is the file of a single table; raises InputError unless exactly one table is wanted."""
    single = not form.together and target.suffix == f".{form.ending}"
    if single and (configs is None or len(set(configs)) != 1):
        raise InputError([f"{target} is one file and holds one table. Name the table with --config, or name a folder."])
    return single


def _read_tables(configs: Sequence[str] | None, data: Identity) -> list[Sheet]:
    """Return the wanted tables in the order of the schema, each once."""
    from espress.data.load import load

    order = [table.name for table in schema().tables]
    there = {path.stem.partition("-")[0] for path in (data.folder / "data").glob("*.parquet")}
    known = [*(name for name in order if name in there), *sorted(there - set(order))]
    asked = known if configs is None else [name for name in known if name in configs]
    for unknown in sorted(set(configs or ()) - set(known)):
        raise UnknownNameError("config", unknown, known)
    if not asked:
        raise InputError(["No table is named, so nothing can be exported. Leave configs out for all tables."])
    return [make_sheet(config, load(config, as_="arrow", source=data.folder)) for config in asked]


def _write(sheets: Sequence[Sheet], form: Format, target: Path, *, together: bool, overwrite: bool) -> None:
    """Write all files in a temporary folder, then move them to their places."""
    folder = target.parent if together else target
    names = [target.name] if together else [f"{item.table.name}.{form.ending}" for item in sheets]
    refuse_existing([folder / name for name in names], overwrite=overwrite)
    with _make_draft(find_home(target, together=together)) as place:
        if form.together:
            form.write(sheets, place / names[0])
        else:
            for item, name in zip(sheets, names, strict=True):
                form.write(item, place / name)
        folder.mkdir(exist_ok=True)
        if not together:
            _remove_about(folder, place, names, form.ending)
        for name in names:  # `about` comes last
            (place / name).replace(folder / name)


def _remove_about(folder: Path, place: Path, names: Sequence[str], ending: str) -> None:
    """Remove the former table `about` before other files are replaced, so that it never describes another version.

    Raises:
        InputError: the folder has more tables of another version, which the new `about` does not describe.
    """
    about = folder / f"about.{ending}"
    tables = {f"{table.name}.{ending}" for table in schema().tables}
    left = sorted(path.name for path in folder.iterdir() if path.name in tables - set(names))
    if not about.is_file() or about.read_bytes() == (place / about.name).read_bytes():
        return
    if left:
        problem = (
            f"{folder} holds an export of another version with more tables: {join_few(left)}; nothing was written."
        )
        raise InputError([f"{problem} Export to a new folder, or remove these files first."])
    about.unlink()
    sync_folder(folder)


@contextmanager
def _make_draft(home: Path) -> Iterator[Path]:
    """Yield a temporary folder below `home`, which is removed in any case.

    Raises:
        InputError: the folder cannot be made, or writing failed for lack of space or permission.
    """
    try:
        with TemporaryDirectory(prefix=".espress-export-", dir=home, ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    except OSError as error:
        todo = "No partial files were left. Name a writable place with enough space with --out."
        raise InputError([f"The export cannot be written to {home}: {error.strerror or error}. {todo}"]) from error


def find_home(target: Path, *, together: bool) -> Path:
    """Return the folder in which a file or a folder of files will be made; raises InputError if it does not exist."""
    home = target if target.is_dir() and not together else target.parent
    if not home.is_dir():
        raise InputError([f"The export cannot be written to {target}: there is no folder {home}. Make it first."])
    return home


def refuse_existing(paths: list[Path], *, overwrite: bool) -> None:
    """Raise InputError if a file exists and `overwrite` is false, or if there is a folder in its place."""
    folders = [path for path in paths if path.is_dir()]
    there = folders or [path for path in paths if path.exists() and not overwrite]
    if there:
        todo = "Name another place" if folders else "Name another place with --out, or add --overwrite"
        raise InputError([f"{join_few(there, 1)} exists already; nothing was written. {todo}."])
