"""Real corpora -> articles with their translations, in the ways translations are copied, and what must not be linked.

Split
-----
A *document* here is an original with all its translations, human and machine, and in semeval with every text that half
of it stands in word for word; a semeval *story* is everything that is connected by rated pairs, and is not split. The
hash of its name puts a document (or story) into one of five parts: 0 and 1 calibrate, 2 and 3 test, 4 lends the text
that passages are wrapped into. No text of one part is seen by another.

Two documents are *kin* where a quarter of a text of one stands in a text of the other, word for word, in one language:
two papers that print parts of one agency's report, of which each was translated. Kin are in one part of the split, and
whether translations of theirs match is not asked.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from dedup import Settings
from dedup.pairs import find_pairs
from dedup.translated.sentences import split_sentences

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
JUDGED = Path(__file__).resolve().parents[1] / "tests" / "judged" / "translated.tsv"
PARTS = {"calibrate": (0, 1), "test": (2, 3), "fill": (4,)}
KINDS = ("full", "first 30 %", "every third", "shuffled", "wrapped 1:3", "wrapped 1:6")
MIN_SENTENCES = 5  # of a passage: fewer are not asked for
KIN = 0.25  # share of the shorter text's word 5-grams that stands in the other
SEED = 20261124


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a corpus.

    Parameters
    ----------
    id, language, text : str
    document : str
        Original and translations share it.
    corpus : str
        ``ntrex``, ``wmt``, ``semeval``, ``insm`` or ``basil``.
    role : str
        ``source``, ``human``, ``machine`` or ``other``.
    story : str
        What semeval's raters were asked about: texts of one story may tell the same event.
    around : tuple of str
        The documents that a copy is wrapped into text of.
    """

    id: str
    language: str
    text: str
    document: str
    corpus: str
    role: str
    story: str = ""
    around: tuple[str, ...] = ()


def part_of(document: str) -> int:
    """Give the part of the split a document is in, 0 to 4."""
    return blake2b(document.encode(), digest_size=4).digest()[0] % 5


def in_split(texts: Sequence[Text], split: str) -> list[Text]:
    """Keep the texts of one split, by their story where they have one, else by their document and its kin."""
    return [text for text in texts if part_of(text.story or _kin().first(text.document)) in PARTS[split]]


class _Kin(NamedTuple):
    pairs: frozenset[tuple[str, str]]
    roots: dict[str, str]

    def first(self, document: str) -> str:
        """Give the first document, by name, that is kin to this one, or kin to its kin, or itself."""
        return self.roots.get(document, document)


def are_kin(a: Text, b: Text) -> bool:
    """Tell whether two texts, or what one is wrapped into and the other, are of documents that are kin."""
    around = ((x, y) for x in (a.document, *a.around) for y in (b.document, *b.around))
    return any(x == y or (min(x, y), max(x, y)) in _kin().pairs for x, y in around)


@cache
def _kin() -> _Kin:
    """Find the documents that print the same: originals and translations by people, in languages with words."""
    of_language: dict[str, list[Text]] = {}
    for text in (*_ntrex(), *_wmt()):
        if text.role != "machine" and text.language not in ("ja", "zh"):
            of_language.setdefault(text.language, []).append(text)
    pairs = {
        (min(names), max(names))
        for texts in of_language.values()
        for rows in find_pairs([text.text for text in texts], settings=Settings(threshold=KIN)).rows.tolist()
        if len(names := {texts[row].document for row in rows}) == 2
    }
    return _Kin(frozenset(pairs), _connect(pairs))


def _connect(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Name each after the first, by name, of all that are connected with it by pairs."""
    roots: dict[str, str] = {}

    def root(name: str) -> str:
        while roots.setdefault(name, name) != name:
            name = roots[name]
        return name

    for a, b in pairs:
        first, second = sorted((root(a), root(b)))
        roots[second] = first
    return {name: root(name) for name in list(roots)}


@cache
def load(corpus: str) -> tuple[Text, ...]:
    """Read one corpus."""
    return tuple({"ntrex": _ntrex, "wmt": _wmt, "semeval": _semeval, "insm": _insm, "basil": _basil}[corpus]())


def _rows(path: str) -> Iterator[dict[str, Any]]:
    data = (DATA / path).read_bytes()
    for line in (gzip.decompress(data) if path.endswith("gz") else data).splitlines():
        yield json.loads(line)


def _ntrex() -> Iterator[Text]:
    for row in _rows("ntrex128/docs.jsonl.gz"):
        if row["role"] != "english-variant":
            role = "source" if row["role"] == "src" else "human"
            yield Text(f"ntrex/{row['id']}", row["lang"], row["text"], f"ntrex/{row['cluster']}", "ntrex", role)


def _wmt() -> Iterator[Text]:
    """Sources, references, and of each source and language two of the online systems, chosen by hash."""
    systems: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in _rows("wmt21_news_mt/docs.jsonl.gz"):
        if row["role"].startswith("mt"):
            systems.setdefault((row["cluster"], row["lang"]), []).append(row)
        else:
            role = "source" if row["role"] == "src" else "human"
            yield Text(f"wmt/{row['id']}", row["lang"], row["text"], f"wmt/{row['cluster']}", "wmt", role)
    for rows in systems.values():
        for row in sorted(rows, key=lambda row: blake2b(row["id"].encode()).digest())[:2]:
            yield Text(f"wmt/{row['id']}", row["lang"], row["text"], f"wmt/{row['cluster']}", "wmt", "machine")


def semeval_pairs() -> list[dict[str, Any]]:
    """Give the rated pairs of semeval; 1 is the same story, 4 another one."""
    return list(_rows("semeval22_task8_subset/pairs.jsonl"))


def _semeval() -> Iterator[Text]:
    rows = {row["id"]: row for row in _rows("semeval22_task8_subset/docs.jsonl.gz")}
    stories = _connect((rows[pair["a"]]["base"], rows[pair["b"]]["base"]) for pair in semeval_pairs())
    bases = _same_text(list(rows.values()))
    originals = {row["original"] for row in _rows("semeval22_task8_subset/mt_pairs.jsonl")}
    for row in rows.values():
        role = "machine" if row["machine_translated"] else "source" if row["id"] in originals else "other"
        yield Text(
            f"semeval/{row['id']}",
            row["lang"],
            row["text"],
            f"semeval/{bases.get(row['base'], row['base'])}",
            "semeval",
            role,
            f"semeval/{stories.get(row['base'], row['base'])}",
        )


def _same_text(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Name each base after the first that carries the same text in one language: outlets print the same agency copy."""
    return _connect(
        (rows[a]["base"], rows[b]["base"]) for a, b in find_pairs([row["text"] for row in rows]).rows.tolist()
    )


@cache
def _verdicts() -> dict[tuple[str, str], str]:
    rows = [line.split("\t") for line in JUDGED.read_text(encoding="utf-8").splitlines()[1:]]
    verdicts = {_bases(a, b): verdict for a, b, verdict in rows if verdict == "copy"}
    return verdicts | {(min(a, b), max(a, b)): verdict for a, b, verdict in rows if verdict != "copy"}


def _bases(a: str, b: str) -> tuple[str, str]:
    first, second = sorted(name.split("/")[1].partition("-")[0] for name in (a, b))
    return first, second


def verdict_of(a: str, b: str) -> str:
    """Give what a person said of two texts of semeval, by their ids; "" where nobody read them.

    A translation of a copy is a copy, too; what speaks against one is said of two texts alone.
    """
    a, b = ("/".join(name.split("/")[:2]) for name in (a, b))  # without the way in which it was copied
    if not (a.startswith("semeval/") and b.startswith("semeval/")):
        return ""
    return _verdicts().get((min(a, b), max(a, b))) or _verdicts().get(_bases(a, b), "")


def _insm() -> Iterator[Text]:
    for row in _rows("insm_german_news/articles.jsonl.gz"):
        yield Text(f"insm/{row['id']}", "de", row["text"], f"insm/{row['id']}", "insm", "other")


def _basil() -> Iterator[Text]:
    for row in _rows("basil_same_event/docs.jsonl"):
        yield Text(f"basil/{row['id']}", "en", row["text"], f"basil/{row['event']}", "basil", "other")


def sentences_of(text: str) -> list[str]:
    """Cut a text into sentences."""
    return [text[start:end] for start, end in split_sentences(text).tolist()]


class Copier:
    """Makes a partial copy of each text, in one of `KINDS`; wraps it into text of the same language.

    Parameters
    ----------
    fill : sequence of Text
        What to wrap into; none of it may be in the corpus.
    """

    def __init__(self, fill: Sequence[Text]) -> None:
        self._fill: dict[str, list[tuple[str, list[str]]]] = {}
        for text in fill:
            sentences = sentences_of(text.text)
            if len(sentences) >= MIN_SENTENCES:
                self._fill.setdefault(text.language, []).append((text.document, sentences))

    def copy(self, text: Text, kind: str) -> Text | None:
        """Give the copy; None where the text is too short for this kind, or there is nothing to wrap it into."""
        if kind == "full":
            return text
        rng = random.Random(f"{SEED} {text.id} {kind}")
        sentences = sentences_of(text.text)
        n = max(MIN_SENTENCES, round(0.3 * len(sentences)))
        if kind == "every third":
            made = sentences[::3]
            if len(made) < MIN_SENTENCES:
                return None
        elif len(sentences) < 2 * MIN_SENTENCES:
            return None
        elif kind == "first 30 %":
            made = sentences[:n]
        elif kind == "shuffled":
            blocks = [sentences[at : at + 3] for at in range(0, len(sentences), 3)]
            rng.shuffle(blocks)
            made = [sentence for block in blocks for sentence in block]
        else:
            first = rng.randrange(0, len(sentences) - n + 1)
            documents, around = self._around(text.language, n * int(kind[-1]), rng)
            if not around:
                return None
            at = rng.randrange(1, len(around))
            made = [*around[:at], *sentences[first : first + n], *around[at:]]
            text = replace(text, around=documents)
        printed = _typeset(made)
        if len(sentences_of(printed)) < MIN_SENTENCES:
            return None  # some run into each other where they stand side by side
        return replace(text, id=f"{text.id}/{kind}", text=printed)

    def _around(self, language: str, n_sentences: int, rng: random.Random) -> tuple[tuple[str, ...], list[str]]:
        """Give so many sentences of other articles, and the documents they are of; none where there are none."""
        articles = self._fill.get(language, [])
        documents: list[str] = []
        around: list[str] = []
        while articles and len(around) < n_sentences:
            document, sentences = rng.choice(articles)
            documents.append(document)
            around += sentences
        return tuple(documents), around[:n_sentences]


def _typeset(sentences: Sequence[str]) -> str:
    """Set sentences in paragraphs of three; what ends in a letter or digit is a headline, on a line of its own."""
    lines = [sentence + ("\n" if sentence[-1:].isalnum() else " ") for sentence in sentences]
    paragraphs = ("".join(lines[at : at + 3]).rstrip() for at in range(0, len(lines), 3))
    return "\n\n".join(paragraphs)
