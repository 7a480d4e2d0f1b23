"""Checks in levels, each check with an id and a reason; a level runs only if the levels below it passed.

1 files, 2 schema, 3 values (2 and 3 by expectations), 4 across tables, 5 from release to release,
6 against a new build from raw/, in a clone.
"""
