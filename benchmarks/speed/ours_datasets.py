"""The articles as a datasets.Dataset."""

import espress

espress.load("articles")
