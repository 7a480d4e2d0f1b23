"""The command `espress-build`: one module per subcommand."""
