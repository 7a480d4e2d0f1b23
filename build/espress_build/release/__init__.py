"""Make releases, withdraw articles, and keep the record of both."""
