"""Put the text of articles that a user holds back into the open edition."""
