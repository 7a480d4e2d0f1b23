"""When two addresses mean one page, by form alone: nothing is asked for."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

_FRONT = re.compile(r"^(?:(?:www\d?|m|mobile|amp)\.)+(?=[^.]+\.)")
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|ref|ref_src|cmpid|ns_\w+|amp|outputType"
)
_AMP = re.compile(r"(?:/amp|\.amp)(?=/?$|\.html?$)")


def host_of(url: str) -> str:
    """Return the host of an address in lower case, without a closing dot; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def lies_in(host: str, domain: str) -> bool:
    """Return whether a host is a domain or lies below it."""
    return host == domain or host.endswith(f".{domain}")


def page_key(url: str) -> str:
    """Return what addresses of one page have in common.

    Left out: scheme, `www.`, `m.`, `amp.` in front, port 80 and 443, parameters that only track the reader, the order
    of the others, the fragment, an `/amp` or a slash at the end, and whether a letter is percent-encoded.
    """
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return url
    asked = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(pair[0])]
    path = _AMP.sub("", unquote(parts.path)).rstrip("/")
    query = f"?{urlencode(sorted(asked))}" if asked else ""
    return f"{_FRONT.sub('', host_of(url))}{port}{path}{query}"
