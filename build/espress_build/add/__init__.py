"""Draft new articles from saved pages."""
