"""Polars reads the Parquet files."""

import sys
from pathlib import Path

import polars as pl
from reporting import files, report

report(pl.__version__, ((path.stem, pl.read_parquet(path).to_dicts()) for path in files(Path(sys.argv[1]))))
