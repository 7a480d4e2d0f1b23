"""Where pages keep what they say of themselves: selectors of elements, by the words that systems call them by."""

from __future__ import annotations

TOLD = (
    'meta, h1, link[rel], script[type*="ld+json" i], [itemprop], [property], [class*="standfirst" i], '
    '[class*="perex" i]'
)
# Properties of microdata that are an article's.
OWN_ITEMS = {
    *("alternativeHeadline", "author", "headline", "publisher", "articleSection"),
    *("datePublished", "dateModified", "dateCreated", "dc:date", "dc:created"),
}
_AUTHORS = ("author", "autor", "auteur", "journalist", "contributor", "redakteur", "reporter", "columnist")
PROFILES = ", ".join(f'a[href*="/{kind}" i]' for kind in _AUTHORS)
BYLINES = (
    '[rel~="author"], [itemprop~="author"], [property="author"], [class*="byline" i], [class*="author" i], '
    '[class*="autor" i], [class*="auteur" i], [class*="writer" i], [data-testid*="byline" i], [class*="firma" i], '
    '[class*="journalist" i], [class*="reporter" i], [class*="contributor" i], [class*="signature" i], '
    '[class~="vcard"] [class~="fn"], [class*="penulis" i], [class*="szerzo" i], [class*="skribent" i], '
    '[class*="forfatter" i], [class*="yazar" i], [class*="muhabir" i], [class*="toimittaja" i]'
)
SIGNS = (
    '[class*="logo" i], [class*="logo" i] img[alt], header img[alt], [id*="logo" i] img[alt], a[href="/"], '
    '[rel~="home"], [itemprop~="logo"]'
)
TIMES = (
    'h1, time, [itemprop*="datePublished"], [class*="date" i], [class*="datum" i], [class*="publish" i], '
    '[class*="time" i], [class*="posted" i], [class*="fecha" i], [class*="info" i], [id*="date" i], [id*="time" i], '
    '[id*="datum" i]'
)
