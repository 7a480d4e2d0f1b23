"""Read the constructed material (functional tests, invented articles, votes), and make the constructed sets of it."""
