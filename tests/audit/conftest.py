"""What every test of the audit needs: to find the other modules of this folder."""

from __future__ import annotations

import sys
from pathlib import Path

# Tests are no package; this lets `tests.audit` be found whichever way pytest was started.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
