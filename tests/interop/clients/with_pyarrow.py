"""PyArrow reads the Parquet files."""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from reporting import files, report

report(pa.__version__, ((path.stem, pq.read_table(path).to_pylist()) for path in files(Path(sys.argv[1]))))
