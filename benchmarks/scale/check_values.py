"""Check the columns and values of a dataset's units: python check_values.py FOLDER ours|plain|pandas.

`ours` runs levels 2 and 3 of `espress-build validate`; `pandas` gives whole tables to Great Expectations, as `validate`
did before; `plain` sends the same conditions to DuckDB, as one query for rows, one for each key, one for each list.
"""

import json
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    import duckdb

    from espress_build.checks import expectations
    from espress_build.checks.expectation_queries import make_condition
    from espress_build.checks.sql_checks import connect, run_queries
    from espress_build.checks.validate import all_checks

    folder, way = Path(sys.argv[1]), sys.argv[2]
    checks = [check for check in all_checks() if check.level in (2, 3) and not check.python]
    own = [check for check in checks if check.table == "sentences"]
    queries = [check for check in checks if check.sql and 'FROM "sentences"' in check.sql]
    start = time.perf_counter()
    if way == "plain":
        rows = f"read_parquet('{folder / 'data' / 'sentences.parquet'}')"
        broken = [condition for check in own if (condition := make_condition(check))]
        with duckdb.connect() as database:
            database.execute(f"CREATE VIEW sentences AS FROM {rows}")
            counts = ", ".join(f"count(*) FILTER (WHERE {one})" for one in broken)
            query = f"SELECT {counts} FROM sentences"  # noqa: S608 - our own conditions
            faults = sum(database.execute(query).fetchall()[0])
            twice = "SELECT count(*) FROM (SELECT sentence_id FROM sentences GROUP BY ALL HAVING count(*) > 1)"
            faults += database.execute(twice).fetchall()[0][0]
            faults += sum(len(database.execute(str(check.sql)).fetchall()) for check in queries)
    else:
        check_level = expectations.run_in_pandas if way == "pandas" else expectations.run_expectations
        found = [one for level in (2, 3) for one in check_level(folder, [c for c in own if c.level == level])]
        with connect(folder) as database:
            found += run_queries(database, queries)
        faults = len(found)
    if faults:
        sys.exit(f"{faults} faults in a dataset without any")
    (folder / f"{way}.json").write_text(json.dumps(time.perf_counter() - start), encoding="utf-8")
