"""Making a release, taking an article back, and what both write."""
