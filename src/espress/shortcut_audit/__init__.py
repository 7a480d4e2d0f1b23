"""Audit a corpus for shortcuts: what predicts its labels without reading its texts. See `docs/user/audit.md`."""
