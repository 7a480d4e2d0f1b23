"""Readers of what people write: records, registries, judgements, the catalogue, parameters."""
