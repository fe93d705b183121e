"""Text -> the credits it states at its head and tail.

Theory of operation
-------------------
An article says where it comes from in few places and few forms: a dateline at the head, ``BERLIN (dpa) -``; at the tail
a label, ``Source: Blick``, brackets, ``(dpa, AFP)``, a signature, ``RND/cle/dpa``, or a sentence, ``This article first
appeared on X``. Anything else that names an agency cites it (``told Reuters``), shows its picture (``Bild: dpa``) or
tells about it. So nothing is searched for in running text: a form must open a segment (a line, a sentence, a bracket)
and must hold nothing but names. That whitelist, not a list of citing verbs, keeps "laut dpa" out.

How far from the end a form may stand depends on how unmistakable it is: a bare signature or a bracket within
`tail_chars`, a label or a sentence within `far_chars`, since author boxes, legal lines and teasers follow it.

Special cases: texts come with and without line breaks (some extractors flatten them), so the end of a sentence stands
for the end of a line. A credit that names the article's own outlet is none; a list such as ``ntv.de, hek/dpa`` still
credits the agency in it.
"""

from __future__ import annotations

from dedup.attribute.credit import Credit
from dedup.attribute.datelines import read_datelines, read_head_bylines
from dedup.attribute.labels import read_bare_labels, read_labels
from dedup.attribute.lexicon import has_unspaced, lexicon
from dedup.attribute.names import Names
from dedup.attribute.sentences import read_copyrights, read_marks, read_sentences
from dedup.attribute.signatures import read_brackets, read_signatures

HEAD_CHARS = 300  # characters. Headline, caption and dateline
TAIL_CHARS = 400  # characters. Where a signature or bracket is a credit
FAR_CHARS = 2_000  # characters. FAZ sets up to 1,100 after its credit, an author box some 500


def read_credits(
    text: str,
    *,
    own: Names,
    head_chars: int = HEAD_CHARS,
    tail_chars: int = TAIL_CHARS,
    far_chars: int = FAR_CHARS,
) -> list[Credit]:
    """Read the credits at the head and tail of a text.

    Parameters
    ----------
    text : str
        Any text; only its ends are looked at, so the cost does not grow with it.
    own : Names
        The outlet's own names: never credits.
    head_chars, tail_chars, far_chars : int
        Characters from the start or end within which a form counts.

    Returns
    -------
    list of Credit
        In the order of the text; one for each name, overlapping readings of the same name dropped.

    Examples
    --------
    >>> text = "BERLIN (dpa) - The bridge is closed. It opens again in May."
    >>> [(credit.kind, credit.target, text[credit.start:credit.end]) for credit in read_credits(text, own=Names([]))]
    [('dateline', 'agency:dpa', 'BERLIN (dpa) -')]
    """
    end, head = len(text), min(len(text), head_chars)
    near, far = max(0, end - tail_chars), max(0, end - far_chars)
    in_head, in_tail = lexicon().may_name_agency(text[:head]), lexicon().may_name_agency(text[near:])
    found = [
        *(read_datelines(text, head, own=own) if in_head or has_unspaced(text[:head]) else ()),
        *(read_head_bylines(text, head, own=own) if in_head else ()),
        *read_labels(text, 0, head, own=own, tail_chars=tail_chars, lines_only=True),
        *read_sentences(text, 0, head, own=own),
        *read_marks(text, 0, head, own=own),
        *read_labels(text, far, end, own=own, tail_chars=tail_chars),
        *(read_bare_labels(text, near, own=own) if in_tail else ()),
        *read_sentences(text, far, end, own=own),
        *(read_brackets(text, near, own=own) if in_tail else ()),
        *(read_signatures(text, near, own=own) if in_tail else ()),
        *read_copyrights(text, far, own=own, tail_chars=tail_chars),
        *read_marks(text, far, end, own=own),
    ]
    return _without_repeats(found)


def _without_repeats(found: list[Credit]) -> list[Credit]:
    """Keep the strongest reading of each name at each place."""
    kept: list[Credit] = []
    for credit in sorted(found, key=lambda c: (-c.weight, c.members_only, c.start, -c.end, c.target)):
        if not any(k.target == credit.target and k.start < credit.end and credit.start < k.end for k in kept):
            kept.append(credit)
    return sorted(kept, key=lambda c: (c.start, c.end, -c.weight, c.target))
