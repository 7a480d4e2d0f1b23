"""Metadata formats: each module has one pure function of `espress.schema` and `facts.About`."""
