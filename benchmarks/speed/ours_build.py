"""Build a project's dataset, all but its checks: python ours_build.py PROJECT WORKERS."""

import sys
from pathlib import Path

if __name__ == "__main__":  # workers import this file again, and need nothing of it
    from espress_build.build import assemble, places
    from espress_build.inputs.params import read_params

    assemble(places(Path(sys.argv[1])), read_params(), workers=int(sys.argv[2]))
