"""semhash: `SemHash.from_records` and `self_deduplicate`.

It compares meaning, not text: a different question, shown beside the others. Needs its embedding model from the Hugging
Face hub; where that cannot be reached, the run says so.
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import numpy as np
from semhash import SemHash

from benchmarks.peers.measure import Answer, Options, measure

MIN_COSINE = 0.95  # its embedding sees word choice only: articles of one desk have 0.9


def find(texts: list[str], options: Options) -> Answer:
    """Embed, index and filter; each record that is filtered names the one that it is a duplicate of."""
    records = [{"row": str(row), "text": text} for row, text in enumerate(texts)]
    try:
        index = SemHash.from_records(records, columns=["text"])
    except OSError as error:
        raise RuntimeError("its embedding model cannot be fetched: the Hugging Face hub is not reachable") from error
    result = index.self_deduplicate(threshold=MIN_COSINE)
    labels = np.arange(len(texts))
    for duplicate in result.filtered:
        labels[int(duplicate.record["row"])] = int(duplicate.duplicate_of["row"])
    return Answer("clusters", labels)


if __name__ == "__main__":
    measure(find, "semhash")
