"""The command `espress`: one module a subcommand."""
