"""Text inside feeds: bytes -> characters, and HTML -> plain text.

Decoding is done here, not by the parser, for two reasons. Feeds name their encoding themselves, and Python knows
encodings that take hours for a few megabytes (``punycode``) or are no text at all. And a feed in UTF-8 with a few
broken bytes should lose those bytes, not be read as Latin-1 from end to end.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html import escape, unescape

from charset_normalizer import from_bytes
from lxml import etree
from lxml.html import HTMLParser, fragment_fromstring

from dedup.ingest.page_fields import page_fields

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How "<?" begins in encodings that are not ASCII for ASCII characters (XML 1.0, appendix F).
_BEGINNINGS = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_HEADER_CHARSET = re.compile(r"charset\s{0,20}=\s{0,20}[\"']?([\w:.-]{1,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"\s{0,100}<\?xml[^>]{0,200}?encoding\s{0,20}=\s{0,20}[\"']([\w:.-]{1,40})")
# Not for text that strangers send: Python's own notations, some of which take quadratic time.
_REFUSED = ("punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem")
_WIDE = ("utf-16", "utf-32")  # where the declaration could be read byte by byte, it is wrong
_STATEFUL = ("utf-7", "iso2022", "hz")  # ASCII bytes that mean other characters
_GUESS_BYTES = 20_000  # enough letters to tell an encoding by
_GUESS_LEAST_BYTES = 64  # above ASCII; fewer tell nothing
_WHOLE_PER_BROKEN = 2  # whole characters above ASCII to one broken: still UTF-8; other text has next to none
_ILLEGAL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # in XML 1.0
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
_SPACES = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?\n ?")
_PARAGRAPH_ENDS = re.compile(r"\n{2,}")
_SILENT = frozenset(("script", "style", "template", "noscript", "iframe", "svg", "math", "head", "title"))
_CELLS = ("td", "th")
_LINES = ("br", "li", "tr", "dt", "dd")
_PARAGRAPHS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "center", "dl", "div", "fieldset", "figcaption", "figure"),
        *("footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre"),
        *("section", "table", "ul"),
    )
)


def decode_feed(body: bytes, *, content_type: str = "") -> str:
    """Decode a feed: byte order mark, then UTF-8 where it fits, then what header and XML declaration say.

    Characters that XML forbids are dropped, NULs among them.

    Examples
    --------
    >>> decode_feed("<rss>Füße</rss>".encode("latin-1"), content_type="text/xml; charset=iso-8859-1")
    '<rss>Füße</rss>'
    """
    text = _ILLEGAL.sub("", _decode(body, content_type)).lstrip("\ufeff \t\r\n")
    return _REFERENCE.sub(_legal_reference, text)


def _decode(body: bytes, content_type: str) -> str:
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, errors="replace")
    for beginning, name in _BEGINNINGS:
        if body.startswith(beginning):
            return body.decode(name, errors="replace")
    declared = list(_declared(body, content_type))
    stateful = [name for name in declared if name.startswith(_STATEFUL)]
    for name in (*stateful, "utf-8", *declared):
        try:
            return body.decode(name)
        except UnicodeError:
            if name == "utf-8" and _is_nearly_utf_8(body):
                return body.decode(name, errors="replace")
    return body.decode(next((name for name in declared if name != "utf-8"), None) or _guess(body), errors="replace")


def _guess(body: bytes) -> str:
    """Guess an encoding that nobody declares, or that is declared as UTF-8 and is not.

    Only other scripts than Latin can be told apart; Latin is taken for Western European.
    """
    sample = body[:_GUESS_BYTES]
    if len(sample) - len(sample.decode("ascii", errors="ignore")) < _GUESS_LEAST_BYTES:
        return "cp1252"
    best = from_bytes(sample).best()
    above_ascii = [each for each in str(best or "") if each > "\x7f"]
    n_other_scripts = sum("\u0370" <= each < "\u2000" or "\u2e80" <= each < "\ufffd" for each in above_ascii)
    return best.encoding if best and 2 * n_other_scripts > len(above_ascii) else "cp1252"


def _declared(body: bytes, content_type: str) -> Iterator[str]:
    """Name the encodings that header and XML declaration give, as Python calls them."""
    labels = [match[1] for match in _HEADER_CHARSET.finditer(content_type[:500])]
    if match := _XML_ENCODING.match(body[:1000]):
        labels.append(match[1].decode("ascii"))
    read_as = page_fields()["charsets"]["read_as"]
    for label in labels:
        try:
            name = codecs.lookup(read_as.get(label.lower(), label)).name
            "a".encode(name)  # some codecs are no encodings of text: hex, zip
        except (LookupError, ValueError):
            continue  # an encoding nobody knows declares nothing
        if name not in _REFUSED and not name.startswith(_WIDE):
            yield name


def _is_nearly_utf_8(body: bytes) -> bool:
    """Tell UTF-8 with a few broken bytes, say one character cut in half, from text in another encoding."""
    text = body.decode("utf-8", errors="replace")
    n_broken = text.count("\ufffd")
    n_above_ascii = len(text) - len(text.encode("ascii", errors="ignore")) - n_broken
    return n_above_ascii > _WHOLE_PER_BROKEN * n_broken


def _legal_reference(match: re.Match[str]) -> str:
    """Drop references to characters that XML forbids: a parser stops there, or worse."""
    digits = match[1] or match[2]
    if len(digits.lstrip("0")) > 7:
        return ""
    code = int(digits, 16 if match[1] else 10)
    return match[0] if code <= 0x10FFFF and not _ILLEGAL.match(chr(code)) else ""


def entry_text(html: str) -> str:
    r"""Give the plain text of an entry's HTML.

    Parameters
    ----------
    html : str
        A fragment, however broken. Scripts, styles and frames say nothing.

    Returns
    -------
    str
        Paragraphs joined by ``"\n\n"``; lines that were broken on purpose by ``"\n"``.

    Examples
    --------
    >>> entry_text("<p>One &amp; two.</p><p>Three<br>four.</p><script>alert(1)</script>")
    'One & two.\n\nThree\nfour.'
    """
    html = _ILLEGAL.sub("", html)
    if "<" not in html:
        return _fold(unescape(html).replace("\n", " "))
    try:
        root = fragment_fromstring(html, create_parent="div", parser=HTMLParser(remove_comments=True, remove_pis=True))
    except (etree.LxmlError, ValueError):
        return _fold(unescape(re.sub(r"<[^>]*>", " ", html)).replace("\n", " "))
    return _fold("".join(_pieces(root)))


def clean(text: str) -> str:
    """Drop characters that XML forbids, NULs and lone surrogates among them."""
    return _ILLEGAL.sub("", text)


def one_line(html: str) -> str:
    """Give the text of a little HTML, a title say, on one line."""
    return " ".join(entry_text(html).split())


def to_html(text: str) -> str:
    """Write plain text as HTML that `entry_text` reads back: its paragraphs and lines stay."""
    paragraphs = _PARAGRAPH_ENDS.split(text.replace("\r\n", "\n").strip())
    return "".join(f"<p>{escape(each).replace(chr(10), '<br>')}</p>" for each in paragraphs if each.strip())


def _pieces(root: etree._Element) -> Iterator[str]:
    """Yield the text of a tree in order, newlines where its blocks begin and end. Not recursive: trees are deep."""
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        silent += (tag in _SILENT) * (1 if event == "start" else -1)
        if silent:
            continue
        if event == "start":
            yield _break_before(tag)
            yield _flat(element.text)
        else:
            yield "\n\n" if tag in _PARAGRAPHS else ""
            yield _flat(element.tail) if element is not root else ""


def _break_before(tag: str) -> str:
    if tag in _PARAGRAPHS:
        return "\n\n"
    return "\n" if tag in _LINES else " " if tag in _CELLS else ""


def _flat(text: str | None) -> str:
    return text.replace("\n", " ").replace("\r", " ") if text else ""


def _fold(text: str) -> str:
    text = _LINE_ENDS.sub("\n", _SPACES.sub(" ", text))
    return _PARAGRAPH_ENDS.sub("\n\n", text).strip()
