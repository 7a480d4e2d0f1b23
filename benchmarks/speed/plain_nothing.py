"""Bare Python: what every process pays before it does anything."""
