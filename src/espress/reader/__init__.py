"""Show an article with its labels as HTML: a fragment for the site, and a page that needs no other file."""
