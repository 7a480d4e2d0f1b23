"""Judgements become gold labels; agreement between annotators."""
