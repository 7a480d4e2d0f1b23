"""The command `espress`: each module is one subcommand of the same name.

A subcommand has `add_parser(commands)`, which adds its options, and `run(arguments)`, which returns the exit code.
"""

SOUND, FINDINGS, USAGE = 0, 1, 2
INTERNAL = 70  # an unexpected exception (EX_SOFTWARE of sysexits.h)
INTERRUPTED = 130  # Ctrl-C, as shells report it
