"""Fill a user's copies of articles into the open edition."""
