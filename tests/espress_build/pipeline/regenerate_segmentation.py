"""Write tests/fixtures/segmentation/units.jsonl again.

Run: python tests/espress_build/pipeline/regenerate_segmentation.py.
"""

from __future__ import annotations

import hashlib

from tests.espress_build.pipeline.helpers import GOLDEN, golden_lines


def main() -> None:
    """Write the units and say what is left to be done by hand."""
    written = "".join(f"{line}\n" for line in golden_lines()).encode()
    (GOLDEN / "units.jsonl").write_bytes(written)
    digest = hashlib.sha256(written).hexdigest()
    print(f"wrote {GOLDEN / 'units.jsonl'}. Read the units that changed by eye, then bring the cases in")
    print(f'{GOLDEN / "decided.toml"} up to date, and there: units_sha256 = "{digest}"')


if __name__ == "__main__":
    main()
