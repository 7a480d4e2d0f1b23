"""The audit of a corpus for shortcuts: what predicts its labels without reading its texts (see `docs/audit.md`)."""
