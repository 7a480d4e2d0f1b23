"""Articles of the catalogue, fetched by each user for themselves: chosen, asked for, judged, made into tables."""
