"""Evaluate a classifier on the constructed sets, `check` and `stance`; nothing here is mixed with natural articles."""
