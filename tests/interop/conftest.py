"""Lets `tests.interop` be found whichever way pytest was started."""

from __future__ import annotations
