"""Read the constructed material, functional test cases and invented articles, and expand it; no table holds it yet."""
