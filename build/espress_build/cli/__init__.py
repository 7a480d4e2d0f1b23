"""The command `espress-build`: one module a subcommand."""
