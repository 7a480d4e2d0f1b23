"""Publish a release on the Hub, at Zenodo or in a folder, and compare the published files."""
