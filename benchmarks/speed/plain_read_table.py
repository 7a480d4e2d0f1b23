"""What a user writes to read one Parquet file with pyarrow: python plain_read_table.py FILE."""

import sys

import pyarrow.parquet as pq

pq.read_table(sys.argv[1])
