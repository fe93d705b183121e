"""Write dedup/data/common_words.toml: the words that tell nothing, in each language of NTREX-128.

    python benchmarks/common_words.py

Source: NTREX-128 (Microsoft, CC BY-SA 4.0): 123 news documents in each of 26 languages. A word, or in scripts without
spaces a pair of characters, is common if a sixth of a language's documents holds it. Nothing but these words and their
rounded shares leaves the corpus.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from pathlib import Path

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))

from dedup.ingest.files import read_corpus
from dedup.model import Article
from dedup.normalise import split_words

SHARED = REPO.parent / "shared" / "data"
TARGET = REPO / "dedup" / "data" / "common_words.toml"
SHARES = (0.8, 0.5, 0.3, 1 / 6)  # of the documents; a word is filed under the largest it reaches


def units_of(text: str) -> set[str]:
    """Give the words of a text, each that touches the next one together with it, as they are written in lower case."""
    words = split_words(text)
    spans = list(zip(words.starts.tolist(), words.ends.tolist(), strict=True))
    found = set()
    for number, (start, end) in enumerate(spans):
        if number + 1 < len(spans) and spans[number + 1][0] == end:
            end = spans[number + 1][1]
        found.add(text[start:end].casefold())
    return found


def main() -> int:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    n_documents: Counter[str] = Counter()
    for article in read_corpus(SHARED / "ntrex128" / "docs.jsonl.gz"):
        if isinstance(article, Article) and article.metadata.get("role") != "english-variant":
            counts[article.language].update(units_of(article.text))
            n_documents[article.language] += 1
    lines = [
        "# Words that stand in many news articles whatever they are about: by language, under the share of documents",
        "# that hold them. Source: NTREX-128 (github.com/MicrosoftTranslator/NTREX, CC BY-SA 4.0), 123 a language.",
        "# Written by benchmarks/common_words.py; not to be edited by hand.",
    ]
    for language in sorted(counts):
        lines += ["", "[[language]]", f'tag = "{language}"']
        left = set(counts[language])
        for share in SHARES:
            words = sorted(word for word in left if counts[language][word] >= share * n_documents[language])
            left -= set(words)
            lines.append(f'at_{round(100 * share)} = "{" ".join(words)}"')
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{TARGET}: {len(counts)} languages, {TARGET.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
