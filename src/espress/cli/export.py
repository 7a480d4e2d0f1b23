"""`espress export`: tables of the corpus as files of another format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.cli import SOUND, add_command

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "export",
        "write tables as csv, jsonl, sqlite, duckdb, xlsx, dta or sav",
        "espress export --to csv --config articles sentences",
    )
    parser.add_argument("--to", required=True, metavar="FORMAT", help="csv, jsonl, sqlite, duckdb, xlsx, dta, sav")
    parser.add_argument("--out", help="file or folder to write (default: espress-<version>… in the current folder)")
    parser.add_argument("--config", action="extend", nargs="+", metavar="NAME", help="tables (default: all)")
    parser.add_argument("--version", help="version of the data (default: the bundled one)")
    parser.add_argument(
        "--source", help="a dataset folder, an archive or hub:OWNER/NAME (default: the bundled dataset)"
    )
    parser.add_argument("--edition", help="full or open (default: that of the bundled dataset or of the source)")
    parser.add_argument("--excel-safe", action="store_true", help="csv that is safe to open in Excel; not lossless")
    parser.add_argument("--zip", action="store_true", help="one zip file with all tables, dictionary and how to cite")
    parser.add_argument("--overwrite", action="store_true", help="replace existing files")


def run(arguments: argparse.Namespace) -> int:
    """Export, and print the path of the result; raises EspressError as `espress.export` does."""
    from espress.errors import InputError
    from espress.exporters.export import export
    from espress.exporters.zip_file import export_zip

    options = {name: getattr(arguments, name) for name in ("version", "source", "edition", "overwrite")}
    if not arguments.zip:
        print(export(arguments.to, arguments.out, arguments.config, excel_safe=arguments.excel_safe, **options))
    elif arguments.config or arguments.excel_safe:
        raise InputError(["--zip writes all tables without changes; leave out --config and --excel-safe."])
    else:
        print(export_zip(arguments.to, arguments.out, **options))
    return SOUND
