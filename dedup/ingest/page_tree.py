"""Bytes of a page -> its text -> a parsed tree, within limits.

Pages are hostile. Characters are capped before parsing and elements after it, so that everything downstream works on a
tree of bounded size; the parser itself stops at 256 nested elements and leaves out what lies deeper.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from dedup.errors import PageError
from dedup.ingest.feed_text import clean
from dedup.ingest.page_fields import page_fields

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Not for text that strangers send: Python's own notations, some of which take quadratic time; UTF-7 hides markup.
_REFUSED = ("punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem", "utf-7")
_WIDE = ("utf-16", "utf-32")
_STATEFUL = ("iso2022", "hz", "utf_16", "utf_32")  # their bytes may well be UTF-8, too, and mean something else
_META_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,500}?(?:charset|encoding)\s{0,20}=\s{0,20}[\"']?\s{0,20}([\w:.-]{1,40})", re.I
)
_HEADER_CHARSET = re.compile(r"charset\s{0,20}=\s{0,20}[\"']?([\w:.-]{1,40})", re.I)
_PRESCAN_BYTES = 4096  # HTML asks for the declaration within 1024; late ones occur
_GUESS_BYTES = 20_000  # enough letters to tell an encoding by
_GUESS_LEAST_BYTES = 64  # above ASCII; fewer tell nothing
_GREEK = "\u0370"  # where the scripts behind Latin begin
_WHOLE_PER_BROKEN = 2  # whole characters above ASCII to one broken: still UTF-8; other text has next to none
_CONTROLS = bytes({*range(1, 32), 127} - set(b"\t\n\v\f\r\x1a\x1b"))  # NUL and Escape occur in encodings of text
_MAX_CONTROLS = 0.03  # of a text's bytes; a tenth of random ones
_UNDECODED = "\ufffd"
_TAGS = re.compile(
    r"""<!--(?:-?>|.*?(?:--!?>|\Z)) | <(?:script|style)\b.*?(?:</(?:script|style)|\Z)
    | (?P<tag> <[a-z] (?: =\s*+"[^"]*+" | =\s*+'[^']*+' | [^>] )*+ )""",
    re.I | re.S | re.X,
)
_QUOTED_VALUE = re.compile(r"""=\s*+(?:"[^"]*+"|'[^']*+')""")
_ATTRIBUTE_END = re.compile(r"[\s/]+")
_MAX_ATTRIBUTES = 250  # of one element; the parser takes quadratic time. Among 439 real pages none has more than 73
_LONG_ATTRIBUTE = 1000  # characters; matched by dozens of patterns downstream, no real class or id is longer


def check_is_text(body: bytes, *, content_type: str = "") -> None:
    """Refuse pictures, PDFs and archives that call themselves pages: their letters would pass for an article's.

    Raises
    ------
    PageError
        More control characters than any text has; UTF-16 and UTF-32, which consist of such bytes, are not looked at.
    """
    wide = body.startswith(tuple(bom for bom, name in _BOMS if "16" in name)) or "utf-16" in content_type.lower()
    sample = body[:_GUESS_BYTES]
    n_controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if body.startswith(b"%PDF-") or (not wide and n_controls > _MAX_CONTROLS * len(sample)):
        raise PageError(f"no text: the page begins {body[:20]!r}")


def decode_page(body: bytes, *, content_type: str = "") -> str:
    """Decode a page: byte order mark, then UTF-8 where it fits, then what header and meta declare, then a guess.

    UTF-8 comes before the declarations, for text that is valid UTF-8 with non-ASCII characters is hardly ever anything
    else, while declarations are often wrong. NULs, other control characters and lone surrogates are dropped.

    Parameters
    ----------
    body : bytes
        The page as fetched.
    content_type : str
        The HTTP header, for its ``charset``.

    Examples
    --------
    >>> decode_page("<p>Füße</p>".encode(), content_type="text/html; charset=iso-8859-1")
    '<p>Füße</p>'
    >>> decode_page("<p>Füße</p>".encode("latin-1"), content_type="text/html; charset=utf-8")
    '<p>Füße</p>'
    """
    return clean(_decode(body, content_type))


def _decode(body: bytes, content_type: str) -> str:
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, errors="replace")
    declared = list(_declared(body, content_type))
    stateful = any(name.startswith(_STATEFUL) for name in declared)
    candidates = [*declared, "utf_8"] if stateful else ["utf_8", *declared]
    for name in candidates:
        try:
            return body.decode(name)
        except UnicodeError:
            if name == "utf_8" and _is_nearly_utf_8(body):
                return body.decode("utf-8", errors="replace")
    return _least_damaged(body, candidates)


def _least_damaged(body: bytes, candidates: list[str]) -> str:
    texts = [body.decode(name, errors="replace") for name in [*candidates, *_guessed(body), "cp1252"]]
    return min(texts, key=lambda text: text.count(_UNDECODED))


def _is_nearly_utf_8(body: bytes) -> bool:
    """Tell UTF-8 with a few broken bytes, say one character cut in half, from text in another encoding."""
    text = body.decode("utf-8", errors="replace")
    n_broken = len(re.findall(f"{_UNDECODED}+", text))
    n_whole = sum(1 for char in text if char > "\x7f" and char != _UNDECODED)
    return n_whole > _WHOLE_PER_BROKEN * n_broken


def _declared(body: bytes, content_type: str) -> Iterator[str]:
    """Name the encodings that the header and the page declare, as Python calls them."""
    labels = [match[1] for match in _HEADER_CHARSET.finditer(content_type[:500])]
    labels += [match[1].decode("ascii", "replace") for match in _META_CHARSET.finditer(body[:_PRESCAN_BYTES])]
    read_as = page_fields()["charsets"]["read_as"]
    for label in labels:
        try:
            name = codecs.lookup(read_as.get(label.lower(), label)).name
            "a".encode(name)  # some codecs are no encodings of text: hex, zip
        except (LookupError, ValueError):
            continue  # an encoding nobody knows declares nothing
        is_wide = name.startswith(_WIDE)  # a declaration that could be read byte by byte is wrong about that
        if name not in _REFUSED and not (is_wide and b"\0" not in body[:_PRESCAN_BYTES]):
            yield name.replace("-", "_")


def _guessed(body: bytes) -> Iterator[str]:
    """Guess an encoding of another script; those of Latin letters cannot be told apart."""
    above_ascii = bytes(byte for byte in body[:_GUESS_BYTES] if byte > 0x7F)
    best = from_bytes(body[:_GUESS_BYTES]).best() if len(above_ascii) >= _GUESS_LEAST_BYTES else None
    letters = [char for char in str(best or "") if char > "\x7f" and char.isalpha()]
    if best is not None and sum(char >= _GREEK for char in letters) > len(letters) / 2:
        yield best.encoding


def parse_page(text: str, *, max_chars: int, max_elements: int) -> HtmlElement:
    """Parse a page; whatever is broken is repaired as far as libxml2 can.

    Raises
    ------
    PageError
        Nothing to parse, more characters than `max_chars`, or more elements than `max_elements`.
    """
    if len(text) > max_chars:
        raise PageError(f"the page has {len(text):,} characters; at most {max_chars:,} are read")
    if "<" not in text:
        raise PageError(f"no markup: the page begins {text[:60].strip()!r}")
    _check_attributes(text)
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = document_fromstring(text.encode("utf-8"), parser=parser)
    except etree.LxmlError as error:
        raise PageError(f"no markup: the page begins {text[:60].strip()!r}") from error
    n_elements = sum(1 for _ in tree.iter())
    if n_elements > max_elements:
        raise PageError(f"the page has {n_elements:,} elements; at most {max_elements:,} are read")
    return tree


def _check_attributes(text: str) -> None:
    """Refuse an element with more attributes than a page has use for, before it is parsed."""
    for match in _TAGS.finditer(text):
        tag = match["tag"] or ""
        if len(tag) > 2 * _MAX_ATTRIBUTES:  # "<" and a letter, a space and a letter ...
            n_attributes = len(_ATTRIBUTE_END.findall(_QUOTED_VALUE.sub("= ", tag)))
            if n_attributes > _MAX_ATTRIBUTES:
                raise PageError(f"an element has {n_attributes:,} attributes; at most {_MAX_ATTRIBUTES} are read")


def drop_long_attributes(tree: HtmlElement) -> None:
    """Remove attributes too long to be a name: inlined images, state, attacks on the patterns downstream."""
    for element in tree.iter(etree.Element):
        for name, value in element.items():
            if len(value) > _LONG_ATTRIBUTE:
                del element.attrib[name]
