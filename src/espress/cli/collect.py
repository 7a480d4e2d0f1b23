"""`espress collect`: make tables from the user's web archives and saved pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.cli import FINDINGS, INTERRUPTED, SOUND, add_command

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "collect",
        "make tables from web archives and saved pages",
        "espress collect CC-NEWS-*.warc.gz --topic espionage --out mine",
    )
    parser.add_argument(
        "sources", nargs="+", metavar="SOURCE",
        help="WARC or WACZ files; saved pages or folders of them; JSON Lines or Parquet files with the column url, and "
        "html or text; as paths, globs in quotation marks, or addresses such as s3://commoncrawl/crawl-data/CC-NEWS/2024/01/*.warc.gz",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR",
        help="a new folder, or the folder of an earlier run, which is continued",
    )  # fmt: skip
    keep = parser.add_argument_group("which pages are kept", "all, if neither option is given")
    keep.add_argument("--catalogue", action="store_true", help="pages at addresses of the catalogue")
    keep.add_argument("--topic", metavar="FILE.toml", help="pages on a topic: a file of word lists, or `espionage`")
    keep.add_argument("--source", help="a dataset folder or archive with the catalogue (default: the bundled dataset)")
    how = parser.add_argument_group("how")
    how.add_argument("--engine", choices=("local", "ray"), default="local", help="processes here, or a Ray cluster")
    how.add_argument("--workers", type=int, metavar="N", help="number of processes (default: all cores)")
    how.add_argument("--address", help="address of a running Ray cluster, such as `auto` or HOST:6379")


def run(arguments: argparse.Namespace) -> int:
    """Collect and print a summary; return 0, 1 if no article was kept, 130 after Ctrl-C.

    Raises EspressError as `espress.collect` does.
    """
    from espress.hydration import collect

    names = ("catalogue", "topic", "engine", "workers", "address", "source")
    try:
        done = collect(arguments.sources, arguments.out, **{name: getattr(arguments, name) for name in names})
    except KeyboardInterrupt:
        print("Stopped early; what was read is kept. Type the same command to continue.")
        return INTERRUPTED
    print(done)
    if not done.kept:
        print("There is no article; the reasons are above, and in the tables rejects and dropped.")
        return FINDINGS
    print(f'espress.load("articles", hydrated={str(done.folder)!r}) returns these articles with those of the corpus.')
    return SOUND
