"""Bare `import datasets`: what every process pays that gives a datasets.Dataset."""

import datasets  # noqa: F401 - importing it is what is measured
