"""The comparisons with other libraries are made by `benchmarks/`, of which the tests run fewer cases."""

from __future__ import annotations
