"""Readers of what people write: sidecars, registries, judgements, parameters."""
