"""What looking for copies across languages costs: CPU time and memory, with the stage and without.

    python benchmarks/translated_cost.py                          # both corpora, each in processes of its own
    python benchmarks/translated_cost.py --articles 100000        # of the one in one language

*One language*: the generated corpus of ``benchmarks/speed.py``, undated. *Mixed*: real articles of about 750 words,
half in German and half in English, undated, of which one in ten is the translation of another (``../shared/data``).
Each run is a process of its own, with and without in turn; the figures are CPU seconds of all threads after loading
the corpus and compiling the kernels, and the largest resident memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))

import pyarrow.parquet as pq

from benchmarks import inputs
from benchmarks.translated_corpora import DATA, Text, load
from dedup import Settings, find_duplicates

CACHE = Path.home() / ".cache" / "dedup-bench"
N_WORDS = 750
N_MIXED = 1_000
N_TRANSLATED = 50  # pairs


def one_language(n: int) -> list[str]:
    """Give generated English articles."""
    path = inputs.generated_corpus(CACHE, n, 1)
    texts: list[str] = pq.read_table(path, columns=["text"])["text"].to_pylist()
    return texts


def mixed() -> list[str]:
    """Give German and English articles of about 750 words."""
    ntrex = {(text.document, text.language): text for text in load("ntrex")}
    documents = sorted({document for document, _ in ntrex})
    pairs = [
        [joined([ntrex[document, language] for document in documents[at : at + 3]]) for language in ("de", "en")]
        for at in range(0, 3 * N_TRANSLATED, 3)
        if documents[at : at + 3]
    ]
    german = [cut(text.text) for text in load("insm") if len(text.text.split()) >= N_WORDS]
    english = in_pieces([text for name in ("basil", "semeval") for text in load(name) if is_original(text)])
    n_each = N_MIXED // 2 - len(pairs)
    return [*german[:n_each], *english[:n_each], *(text for pair in pairs for text in pair)]


def is_original(text: Text) -> bool:
    """Tell English texts that are no translations."""
    return text.language == "en" and text.role in ("source", "other")


def joined(texts: list[Text]) -> str:
    """Put short texts together."""
    return cut("\n\n".join(text.text for text in texts))


def cut(text: str) -> str:
    """Cut a text after about 750 words, at a line break if there is one near."""
    words = text.split(" ")
    return " ".join(words[:N_WORDS])


def in_pieces(texts: list[Text]) -> list[str]:
    """Put texts together until each is about 750 words long."""
    made, parts, n_words = [], [], 0
    for text in texts:
        parts.append(text)
        n_words += len(text.text.split(" "))
        if n_words >= N_WORDS:
            made.append(joined(parts))
            parts, n_words = [], 0
    return made


def run(corpus: str, n: int, *, translated: bool) -> dict[str, float]:
    """Measure one run, in this process."""
    texts = mixed() if corpus == "mixed" else one_language(n)
    few = [*texts[:100], *texts[-100:]]  # in both languages of the mixed one
    find_duplicates(few, settings=Settings(), translated=translated)  # compiles and loads
    before = time.process_time()
    found = find_duplicates(texts, settings=Settings(), translated=translated)
    seconds = time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    n_found = sum(match.kind == "translated" for match in found.matches)
    n_words = sum(len(text.split()) for text in texts)
    return {"n": len(texts), "words": n_words / len(texts), "seconds": seconds, "gb": memory, "translated": n_found}


def main() -> int:
    """Run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=20_000, help="of the corpus in one language")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--corpus", choices=("one language", "mixed"), help="one of them alone")
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        print(json.dumps(run(options.run[0], options.articles, translated=options.run[1] == "with")))
        return 0
    for corpus in (
        [options.corpus] if options.corpus else ("one language", "mixed") if DATA.is_dir() else ("one language",)
    ):
        results: dict[str, list[dict[str, float]]] = {"with": [], "without": []}
        for _ in range(options.repeat):
            for way, found in results.items():
                command = [sys.executable, __file__, "--run", corpus, way, "--articles", str(options.articles)]
                output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                found.append(json.loads(output.splitlines()[-1]))
        first = results["with"][0]
        seconds = {way: median(one["seconds"] for one in found) for way, found in results.items()}
        memory = {way: median(one["gb"] for one in found) for way, found in results.items()}
        extra = 1000 * (seconds["with"] - seconds["without"]) / first["n"]
        print(f"{corpus}, {first['n']} articles of {first['words']:.0f} words, {first['translated']} translated pairs:")
        print(
            f"  {seconds['without']:.1f} CPU s without, {seconds['with']:.1f} with, {extra:.2f} more for 1,000 articles"
        )
        print(
            f"  {seconds['with'] / seconds['without']:.3f} times; {memory['without']:.2f} GB, {memory['with']:.2f} GB"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
