"""Recognise addresses of the same page by their form, without requests."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

_FRONT = re.compile(r"^(?:(?:www\d?|m|mobile|amp)\.)+(?=[^.]+\.)")
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|ref|ref_src|cmpid|ns_\w+|amp|outputType"
)
_AMP = re.compile(r"(?:/amp|\.amp)(?=/?$|\.html?$)")


def host_of(url: str) -> str:
    """Return the host of an address in lower case, without a final dot; "" if it has none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def lies_in(host: str, domain: str) -> bool:
    """Return whether a host is a domain or a subdomain of it."""
    return host == domain or host.endswith(f".{domain}")


def is_tracking(parameter: str) -> bool:
    """Return whether a parameter of an address only tracks readers, so that the page is the same without it."""
    return _TRACKING.fullmatch(parameter) is not None


def page_key(url: str) -> str:
    """Return a key that is the same for all addresses of one page.

    The key ignores the scheme, a leading `www.`, `m.` or `amp.`, ports 80 and 443, tracking parameters, the order of
    other parameters, the fragment, a final `/amp` or slash, and percent-encoding.
    """
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return url
    asked = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not is_tracking(pair[0])]
    path = _AMP.sub("", unquote(parts.path)).rstrip("/")
    query = f"?{urlencode(sorted(asked))}" if asked else ""
    return f"{_FRONT.sub('', host_of(url))}{port}{path}{query}"
