"""The edition without article text."""
