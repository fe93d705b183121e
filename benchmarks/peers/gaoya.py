"""gaoya: `MinHashStringIndex`, which tokenises, shingles, inserts and queries in Rust on all cores.

As it comes it keeps punctuation with the words. With ``--normalise`` the texts are stripped of it in Python first.
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import sys

from gaoya.minhash import MinHashStringIndex

from benchmarks.peers.candidates import rows_from_lists
from benchmarks.peers.measure import Answer, Options, measure
from benchmarks.peers.shingles import SHINGLE_WORDS, split

N_BANDS, BAND_SIZE = 25, 5


def find(texts: list[str], options: Options) -> Answer:
    """Insert all, query all; the index applies the threshold to its estimate."""
    if "--normalise" in sys.argv:
        texts = [" ".join(split(text)) for text in texts]
    index = MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=options.threshold,
        num_bands=N_BANDS,
        band_size=BAND_SIZE,
        analyzer="word",
        lowercase=True,
        ngram_range=(SHINGLE_WORDS, SHINGLE_WORDS),
        id_container="smallvec",
    )
    index.par_bulk_insert_docs(list(range(len(texts))), texts)
    return Answer("pairs", rows_from_lists(index.par_bulk_query(texts)), {"bands": [N_BANDS, BAND_SIZE]})


if __name__ == "__main__":
    measure(find, "gaoya")
