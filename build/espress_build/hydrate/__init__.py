"""Hydration: fetch articles of the catalogue to a user's machine, and make the corpus's tables from them."""
