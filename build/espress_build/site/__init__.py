"""Build the static site: the corpus, its documentation and its checks as pages that open without a network."""
