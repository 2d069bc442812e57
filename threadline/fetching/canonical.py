"""Two addresses of one page, recognised as one."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

# Parameters that say where a reader came from, not what is read.
_TRACKING = re.compile(
    r"utm_.*|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|yclid|_hs(?:enc|mi)|vero_id|oly_.*|ref(?:_src|_url)?|cmpid|spm|si"
)


def canonical(url: str) -> str:
    """The address without what does not matter: scheme, www, tracking, order, fragment, a last slash.

    Not to be fetched: it is a key for comparing. Empty for what is no address.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower().removeprefix("www.").removeprefix("m."), parts.port
    except ValueError:
        return ""
    if not host or parts.scheme not in ("http", "https"):
        return ""
    asked = [(n, v) for n, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(n.lower())]
    path = re.sub(r"/(?:index\.(?:html?|php)|amp/?)?$", "", re.sub(r"/{2,}", "/", parts.path))
    where = host if port in (None, 80, 443) else f"{host}:{port}"
    return f"{where}{path}{'?' + urlencode(sorted(asked)) if asked else ''}"[:500]
