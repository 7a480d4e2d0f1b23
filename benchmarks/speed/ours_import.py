"""Our package, imported and not used."""

import espress  # noqa: F401 - importing it is what is measured
