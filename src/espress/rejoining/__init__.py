"""Fill the text of articles that a user has into the open edition."""
