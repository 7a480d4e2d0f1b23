"""The schema in other people's terms: one pure function of `espress.schema` a dialect."""
