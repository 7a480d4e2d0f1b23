"""Fixtures of the pipeline's tests that the readers of inputs need too."""

from tests.espress_build.pipeline.conftest import corpus, params, real_registries, registries

__all__ = ["corpus", "params", "real_registries", "registries"]
