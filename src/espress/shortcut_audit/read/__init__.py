"""Read any corpus, from files or memory, as a table of text columns."""
