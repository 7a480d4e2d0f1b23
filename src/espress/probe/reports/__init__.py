"""Results of the probe as Markdown."""
