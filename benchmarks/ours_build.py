"""Build a project's dataset up to its checks, and print what it took as JSON: python ours_build.py PROJECT WORKERS."""

import json
import resource
import sys
from pathlib import Path

from espress_build.making import assemble, places
from espress_build.params import read_params

if __name__ == "__main__":  # the workers import this file again
    project = Path(sys.argv[1])
    assemble(places(project), read_params(), workers=int(sys.argv[2]))
    peak = {
        "build": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "largest worker": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
    }
    sys.stdout.write(json.dumps(peak) + "\n")
