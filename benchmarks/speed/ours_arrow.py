"""The articles as an Arrow table."""

import espress

espress.load("articles", as_="arrow")
