"""Collect articles from web archives and saved pages into tables of the corpus's schema, on one machine or several."""
