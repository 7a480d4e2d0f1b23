"""Add an annotation pass: export masked tasks to Label Studio, and import judgements into `raw/annotations`."""
