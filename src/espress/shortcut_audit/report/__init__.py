"""The audit report as text, Markdown, HTML and JSON."""
