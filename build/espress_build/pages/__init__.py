"""Saved pages: what a page says about itself and its article, as a proposal that a curator confirms."""
