"""A URL as someone wrote it -> the article it means, the source that publishes it, or the address to fetch.

`normalise_url` makes a name to compare by, not an address to fetch: the scheme is always ``https``, ``www.`` is gone,
and parameters that only say how the reader came are dropped (``data/tracking.toml``).

Known special cases: ``http://http://``, ``http:/host`` and backslashes are mended. ``&amp;`` in a query is ``&``.
AMP caches and viewers are unwrapped. A fragment is dropped, but for ``#!...``, which chooses the page on some sites.
Anything that is no web URL is its own name, without its white space.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from urllib.parse import SplitResult, quote, urljoin, urlsplit

_MAX_CHARACTERS = 8_192  # longer ones are no URL: servers refuse them, and they cost more than they are worth
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SAFE = "%!$&'()*+,;=:@/?"  # characters of a path or query that stay as they are
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|%")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_SCHEME = re.compile(r"(?:https?:[/\\]+)*(https?):[/\\]*", re.IGNORECASE)  # the last one of "http://https://"
_ANY_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_BARE_HOST = re.compile(r"www\.[^\s/?#]+\.", re.IGNORECASE)
_ADDRESS = re.compile(r"[0-9.]+|\[.*\]")  # IPv4 or IPv6
_HOST = re.compile(r"[^\s\x00-\x20!\"#$%&'()*+,/:;<=>?@\[\\\]^`{|}]{1,253}|\[[0-9a-f:.]+\]")
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;?]*", re.IGNORECASE)
_AMP_CACHE_PATH = re.compile(r"/(?:[a-z]{1,2}/)?(?:s/)?(?=[^/]+\.)")
_AMP_VIEWER_PATH = re.compile(r"/amp/(?:s/)?(?=[^/]+\.)")


@dataclass(frozen=True, slots=True)
class _Lists:
    names: frozenset[str]
    prefixes: tuple[str, ...]
    on_host: Mapping[str, frozenset[str]]
    referrers: frozenset[str]
    referrer_values: frozenset[str]
    host_prefixes: frozenset[str]
    amp_caches: frozenset[str]
    amp_viewers: frozenset[str]


def is_web_url(url: str) -> bool:
    """Tell whether a URL is absolute, of ``http`` or ``https``, and names a host.

    Examples
    --------
    >>> is_web_url("https://example.org/a"), is_web_url("javascript:alert(1)"), is_web_url("/a")
    (True, False, False)
    """
    parts = _split(url)
    return parts is not None and parts.scheme in ("http", "https") and _host(parts) != ""


def join_url(base: str, link: str) -> str:
    """Resolve a link that was found at `base`.

    Parameters
    ----------
    base : str
        Absolute URL of the page or feed; ``""`` if unknown.
    link : str
        As written there: absolute, relative, without a scheme, with backslashes.

    Returns
    -------
    str
        An absolute web URL, or ``""`` where the link leads to none (``javascript:``, ``mailto:``, a relative link
        without a base).

    Examples
    --------
    >>> join_url("https://example.org/news/feed.xml", "../a?x=1")
    'https://example.org/a?x=1'
    >>> join_url("https://example.org/", "javascript:alert(1)")
    ''
    """
    link = _mend(link)
    if not link:
        return ""
    if _BARE_HOST.match(link):
        link = f"//{link}"
    if _ANY_SCHEME.match(link) and not _SCHEME.match(link) and not _is_host_and_port(link):
        return ""
    try:
        joined = _mend(urljoin(_mend(base), link))
    except ValueError:  # brackets that are no IPv6 address
        return ""
    if joined.startswith("//"):
        joined = f"https:{joined}"
    return joined if is_web_url(joined) else ""


def normalise_url(url: str) -> str:
    """Name the article that a URL leads to: two URLs of one article have one name.

    Parameters
    ----------
    url : str
        Any string.

    Returns
    -------
    str
        A name to compare by, not to fetch. Normalising it again changes nothing.

    Examples
    --------
    >>> normalise_url("HTTP://www.Example.org:80/a/?utm_source=rss&id=7#top")
    'https://example.org/a?id=7'
    >>> normalise_url("https://www-example-org.cdn.ampproject.org/c/s/www.example.org/a")
    'https://example.org/a'
    """
    name = _mend(url)
    if name.startswith("//"):
        name = _mend(f"https:{name}")
    while is_web_url(name) and (inner := _inside_amp(urlsplit(name))):
        name = inner
    if not is_web_url(name):
        return name
    parts = urlsplit(name)
    host = _host(parts)
    port = parts.port
    at = "" if port in (None, 80, 443) else f":{port}"
    path = _normalise_path(parts.path)
    query = _normalise_query(parts.query, host)
    fragment = f"#{_escape(parts.fragment)}" if parts.fragment.startswith("!") else ""
    return f"https://{_without_www(host)}{at}{path}{'?' if query else ''}{query}{fragment}"


def article_id(url: str) -> str:
    """Hash the name of the article that a URL leads to: 32 hexadecimal digits (BLAKE2b, 128 bits).

    Examples
    --------
    >>> article_id("http://example.org/a") == article_id("https://www.example.org/a/?utm_medium=rss")
    True
    """
    return _digest(normalise_url(url))


def entry_id(link: str, *, feed_url: str, guid: str) -> str:
    """Name an entry of a feed: by the article its link leads to, or by its guid in that feed where it has no link.

    Guids count with their letter case.
    """
    return article_id(link) if link else _digest(f"{normalise_url(feed_url)} {guid}")


def source_of(url: str) -> str:
    """Give the publishing domain of a URL: its host without port and without ``www.``, ``m.`` or ``amp.``.

    A bare address and ``localhost`` keep their port: there it is all that tells two publishers apart.

    Returns
    -------
    str
        Lower case, international names in their ASCII form; ``""`` where the URL names no host.

    Examples
    --------
    >>> source_of("https://www.example.org:8080/a"), source_of("https://amp.example.co.uk/a"), source_of("urn:x")
    ('example.org', 'example.co.uk', '')
    >>> source_of("http://127.0.0.1:8001/a")
    '127.0.0.1:8001'
    """
    parts = _split(normalise_url(url))
    if parts is None or parts.scheme not in ("http", "https"):
        return ""
    host = _host(parts)
    if parts.port and (host == "localhost" or _ADDRESS.fullmatch(host)):
        return f"{host}:{parts.port}"
    first, _, rest = host.partition(".")
    while first in _lists().host_prefixes and "." in rest:
        host = rest
        first, _, rest = host.partition(".")
    return host


def _mend(url: str) -> str:
    """Undo what people and programs do to URLs while writing them down."""
    url = _CONTROLS.sub("", url).strip()
    if match := _SCHEME.match(url):
        url = f"{match[1].lower()}://{url[match.end() :]}"
    elif url.startswith(("\\", "/\\")):
        url = url.replace("\\", "/", 2)
    if not url.startswith(("http://", "https://", "/")):
        return url
    head, mark, query = url.partition("?")
    return f"{head.replace(chr(92), '/')}{mark}{query}"


def _is_host_and_port(link: str) -> bool:
    """Tell "example.org:8080/a" from "mailto:a"."""
    return re.match(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+:\d+(?:/|$)", link, re.IGNORECASE) is not None


def _split(url: str) -> SplitResult | None:
    """Take a URL apart; None where it cannot be, is too long, or its port is none."""
    if len(url) > _MAX_CHARACTERS:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _host(parts: SplitResult) -> str:
    """Give the host in ASCII and lower case, without a final dot; "" where it is no host."""
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").lower().rstrip(".")
        except UnicodeError:
            return ""
    if ":" in host:
        host = f"[{host}]"
    return host if _HOST.fullmatch(host) else ""


def _without_www(host: str) -> str:
    return host[4:] if host.startswith("www.") and "." in host[4:] else host


def _inside_amp(parts: SplitResult) -> str:
    """Give the URL that an AMP cache or viewer wraps, "" where none does."""
    lists, path = _lists(), _normalise_path(parts.path)
    domains = list(_domains(_host(parts)))
    if any(domain in lists.amp_caches for domain in domains):
        match = _AMP_CACHE_PATH.match(path)
    elif any(domain in lists.amp_viewers for domain in domains):
        match = _AMP_VIEWER_PATH.match(path)
    else:
        match = None
    if not match:
        return ""
    inner = f"https://{path[match.end() :]}"
    if not is_web_url(inner):
        return ""
    return f"{inner}?{parts.query}" if parts.query else inner


def _normalise_path(path: str) -> str:
    path = _escape(_SESSION.sub("", path))
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept)


def _normalise_query(query: str, host: str) -> str:
    query = query.replace("&amp;", "&")
    kept = (_escape(part) for part in query.split("&") if part and not _is_tracking(part, host))
    return "&".join(kept)


def _is_tracking(part: str, host: str) -> bool:
    lists = _lists()
    name, _, value = _escape(part).lower().partition("=")
    if name in lists.names or name.startswith(lists.prefixes):
        return True
    if name in lists.referrers and value in lists.referrer_values:
        return True
    return any(name in lists.on_host.get(domain, ()) for domain in _domains(host))


def _domains(host: str) -> Iterable[str]:
    """Yield "a.b.c", "b.c", "c"."""
    while host:
        yield host
        host = host.partition(".")[2]


def _escape(text: str) -> str:
    """Write each character in its one escaped form (RFC 3986 section 6.2.2)."""
    text = _ESCAPE.sub(_escape_one, text)
    return quote(text, safe=_SAFE, errors="surrogatepass")


def _escape_one(match: re.Match[str]) -> str:
    if match[1] is None:
        return "%25"
    byte = int(match[1], 16)
    return chr(byte) if byte in _UNRESERVED else match[0].upper()


def _digest(name: str) -> str:
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@cache
def _lists() -> _Lists:
    lists = tomllib.loads((files("dedup") / "data" / "tracking.toml").read_text(encoding="utf-8"))
    everywhere = [name.lower() for group in lists["everywhere"] for name in group["names"]]
    return _Lists(
        names=frozenset(name for name in everywhere if not name.endswith("*")),
        prefixes=tuple(name[:-1] for name in everywhere if name.endswith("*")),
        on_host={group["domain"]: frozenset(name.lower() for name in group["names"]) for group in lists["on_host"]},
        referrers=frozenset(lists["referrers"]["names"]),
        referrer_values=frozenset(lists["referrers"]["values"]),
        host_prefixes=frozenset(lists["hosts"]["prefixes"]),
        amp_caches=frozenset(lists["hosts"]["amp_caches"]),
        amp_viewers=frozenset(lists["hosts"]["amp_viewers"]),
    )
