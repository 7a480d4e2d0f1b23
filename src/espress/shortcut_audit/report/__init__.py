"""The report of an audit: its verdict, its templates, and the formats that they are rendered in."""
