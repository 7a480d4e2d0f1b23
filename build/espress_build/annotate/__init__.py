"""Adding a pass: masked tasks out to Label Studio or paper, and judgements back into `raw/annotations`."""
