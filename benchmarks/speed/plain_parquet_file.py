"""The fastest plain way to read one Parquet file with pyarrow: python plain_parquet_file.py FILE."""

import sys

import pyarrow.parquet as pq

pq.ParquetFile(sys.argv[1]).read()
