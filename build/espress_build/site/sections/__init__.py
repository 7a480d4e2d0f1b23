"""The sections of the site: each module makes the pages of one section.

A section defines `ORDER`, its position; `NAVIGATION`, the label of the link to its first page in the header of every
page, or None; and `make_pages(dataset)`, which yields its pages.
"""
