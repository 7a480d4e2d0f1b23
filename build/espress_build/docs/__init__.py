"""Generators of the sections, tables and values in the documents. Nothing imports this package."""
