"""Tables of the corpus in other formats, without losing a value unseen; `espress.export` is the way in."""
