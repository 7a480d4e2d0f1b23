"""Registries and parameters as the pipeline's tests have them."""

from __future__ import annotations

from tests.espress_build.pipeline.conftest import corpus, params, real_registries, registries

__all__ = ["corpus", "params", "real_registries", "registries"]
