"""Facts about a dataset and the files that describe it."""
