"""Compute gold labels and the agreement of annotators from judgements."""
