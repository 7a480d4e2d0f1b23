"""Build the dataset by pure stages over Arrow tables, and check the result."""
