"""Write and check the edition without article text."""
