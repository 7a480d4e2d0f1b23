"""What every test of the audit needs: to find the other modules of this folder."""

from __future__ import annotations
