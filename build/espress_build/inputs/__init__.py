"""Readers of hand-written files: records, registries, judgements, the catalogue, parameters."""
