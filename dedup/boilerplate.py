"""Sketches and texts -> the shingles that are page furniture: footers, cookie notices, paywall stubs, block pages.

Theory of operation
-------------------
Furniture repeats, and so does a wire story. What tells them apart is not how often, but what stands around it:

- The *rests* of articles that carry one story, that is their headlines, leads and own paragraphs, speak of the same
  things, and of what the story speaks of. The rests of pages that carry one footer have nothing to do with one another,
  nor with the footer. `kernels.rests` measures that *kinship* on rare words, in any language.

So the repeated shingles are sorted into *blocks* that stand in (about) the same articles, and some articles of each
block are read. A block is furniture where their rests are strangers to each other and to the block, and

- `boilerplate_articles` articles of one source carry it; articles without a source count as of one; or
- `_MIN_ACROSS` articles of any sources do: the notice of a widely used system; or
- there is no rest to judge by, and the text says itself that it is a notice (`data/notices.toml`): the page that stands
  where an article should be; or
- `_MIN_OWN_PAGES` articles of one source carry it, of which nearly each has `_MIN_OWN_WORDS` words that nobody shares:
  versions of one article would share those; or
- `_MIN_SAME_PAGES` articles of one source carry it, and nobody else, and none has a rest to judge by: a stub; or
- one source repeats it on `_MIN_DAYS` days and on `_MIN_SHARE` of all its articles, and hardly anybody else has it: a
  series' own words. A text that is revised does not live that long.

The articles of other sources have a say: if their rests know the block, it is a story which the one source carries on
many pages (in each edition of a digest, say), and it is no furniture. Revisions of an article have no rests, or rests
that are kin. Hence a wire story or press release is not masked however many carry it.

What furniture leaves of a page, a date in a footer, the one word that differs, is not repeated and stays. Where hardly
anything else stays (`_MAX_LEFT` of the page), such leftovers between masked words are masked, too.

Known special cases: two articles are no repetition: a notice that stands on two pages of the whole corpus is told by
`relations`, from their rests again. A block of fewer than `_MIN_BLOCK` shingles is left alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.kernels import rests
from dedup.kernels import texts as kernels
from dedup.kernels.lookups import keep_long_runs, look_up, number_values, sort_by_key
from dedup.kernels.overlaps import is_member, may_repeat
from dedup.model import Span, Words

_MIN_BLOCK = 4  # shingles: eight words. Shorter repetitions are phrases
_MIN_CARRIED = 0.5  # of a block's shingles, to be one of the articles that carry the block
_MIN_ACROSS = 5  # articles of different sources: three copies of a brief are quickly printed
_N_READ = 6  # articles of the main source that are read for each block, and as many of others: 15 pairs
_MIN_RUN = 5  # words in a row, to be a rest: a headline, a sentence. Fewer are edits of what is shared
_MIN_SUFFIXED = 3  # headlines of a source with the same word, and more than half of them: a suffix
_N_HEADLINES = 20  # of a source that are read for that
_MIN_OWN = 0.4  # of a page's words; with less of its own, the page is what is shared
_MIN_REST = 1.5  # weight, about three rare words: a headline; with less there is nothing to judge by
_HALF = 0.5  # of the pairs of rests must be strangers where one source carries the block: some may be versions
_MOST = 0.8  # where the source is unknown or there are many: a wire story's headlines do not all differ
_MAX_BETWEEN = 0.07  # kinship of the rests. Pages of one paper: 0.02; independent reports of one event: 0.2
_MAX_TO_BLOCK = 0.10  # kinship of a rest and the block. Headline and another text: 0.01; and its own text: 0.5
_MIN_OWN_PAGES = 5  # articles of one source
_MIN_OWN_WORDS = 30  # words that no other article has, five or more in a row
_MIN_SAME_PAGES = 10  # addresses of one source with the same words: no article is revised so often unchanged
_MOSTLY = 0.8  # of the articles that are read
_MIN_DAYS = 5  # days on which one source printed it
_MIN_SHARE = 0.02  # of the source's articles
_MAX_OUTSIDE = 0.05  # of the carriers may be of other sources, where nothing else was judged: the odd scraper
_MAX_NOTICE_WORDS = 300  # of a page that is a notice
_MAX_LEFT = 0.25  # of a page's shingles: little enough to ask whether all of it is furniture
_MAX_LEFTOVER = 5  # words between masked ones, or at either end: a date, a name, an address
_BLOCKS_AT_ONCE = 256  # whose articles are read in one go: bounds the memory
_NO_DAY = -1
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, 2**64 over the golden ratio

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


class WeighedUnits(NamedTuple):
    """The words of some texts, weighed.

    Parameters
    ----------
    words, units : uint64[n]
        Hash of each word; what it is compared by.
    weights : float64[n]
        Of each unit, in [0, 1].
    offsets : int64[2 * n_texts + 1]
        The body of text i owns ``offsets[2 * i]`` to ``offsets[2 * i + 1]``, its headline what follows, to
        ``offsets[2 * i + 2]``.
    """

    words: NDArray[np.uint64]
    units: NDArray[np.uint64]
    weights: _Floats
    offsets: _Ints


class Headlines(NamedTuple):
    """The words of some headlines, headline i owning ``units[offsets[i]:offsets[i + 1]]``."""

    units: NDArray[np.uint64]
    offsets: _Ints


class Repeated(NamedTuple):
    """The shingles that stand in many articles, and in which.

    Parameters
    ----------
    shingles : uint64[n]
        Sorted.
    offsets, rows : int64[n + 1], int64[m]
        Shingle i stands in the articles ``rows[offsets[i]:offsets[i + 1]]``, in any order.
    """

    shingles: NDArray[np.uint64]
    offsets: _Ints
    rows: _Ints


class Blocks(NamedTuple):
    """Shingles that stand in about the same articles.

    Parameters
    ----------
    shingles : uint64[n]
        Every repeated shingle, sorted.
    blocks : int64[n]
        The block of each; -1: of none.
    carriers, offsets : int64[m], int64[n_blocks + 1]
        Block i stands in the rows ``carriers[offsets[i]:offsets[i + 1]]``, ascending.
    """

    shingles: NDArray[np.uint64]
    blocks: _Ints
    carriers: _Ints
    offsets: _Ints


def find_boilerplate(
    shingles: NDArray[np.uint64],
    offsets: _Ints,
    sources: Sequence[str],
    days: _Ints,
    read: Callable[[_Ints], tuple[WeighedUnits, Sequence[str]]],
    read_headlines: Callable[[_Ints], Headlines],
    *,
    boilerplate_articles: int,
    shingle_words: int,
) -> NDArray[np.uint64]:
    """Find the shingles that are boilerplate.

    Parameters
    ----------
    shingles : uint64[n]
        Distinct shingle hashes of each article, sorted.
    offsets : int64[n_articles + 1]
        Article i owns ``shingles[offsets[i]:offsets[i + 1]]``.
    sources : sequence of str, n_articles
        The source of each article, ``""`` where unknown.
    days : int64[n_articles]
        Day of publication, in days since any; -1 where unknown.
    read : callable
        Rows -> the words of their texts and headlines, and the texts.
    read_headlines : callable
        Rows -> the words of their headlines.
    boilerplate_articles : int
        Articles of one source that must carry it, at least 2.
    shingle_words : int
        Words a shingle.

    Returns
    -------
    uint64[m]
        Sorted.
    """
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    return judge_repeated(
        find_repeated(shingles, rows, boilerplate_articles),
        np.diff(offsets),
        sources,
        days,
        read,
        read_headlines,
        boilerplate_articles=boilerplate_articles,
        shingle_words=shingle_words,
    )


def find_repeated(shingles: NDArray[np.uint64], rows: _Ints, min_articles: int) -> Repeated:
    """Find the shingles that at least `min_articles` articles hold.

    Parameters
    ----------
    shingles, rows : uint64[n], int64[n]
        Each shingle of each article once, and its article: of all articles, or those of all articles that lie in one
        range of hashes.
    min_articles : int
        At least 1.
    """
    may_be = may_repeat(shingles, min(min_articles, 65535))  # most shingles stand in one article: not sorted
    values, rows = shingles[may_be], rows[may_be]
    may_be = may_repeat(values, min(min_articles, 65535))  # once more, among fewer: hardly one too many is left
    values, rows = values[may_be], rows[may_be]
    numbers, distinct = number_values(values)
    n_holders = np.bincount(numbers, minlength=len(distinct))
    by_value = np.argsort(distinct)
    by_value = by_value[n_holders[by_value] >= min_articles]
    rank = np.full(len(distinct), -1, dtype=np.int64)
    rank[by_value] = np.arange(len(by_value))
    numbers = rank[numbers]
    numbers, rows = numbers[numbers >= 0], rows[numbers >= 0]
    rows = rows[sort_by_key(numbers, len(by_value))]
    return Repeated(distinct[by_value], np.r_[0, np.cumsum(n_holders[by_value])].astype(np.int64), rows)


def judge_repeated(
    repeated: Repeated,
    n_shingles: _Ints,
    sources: Sequence[str],
    days: _Ints,
    read: Callable[[_Ints], tuple[WeighedUnits, Sequence[str]]],
    read_headlines: Callable[[_Ints], Headlines],
    *,
    boilerplate_articles: int,
    shingle_words: int,
    expect: Callable[[_Ints], None] = lambda rows: None,
) -> NDArray[np.uint64]:
    """Find, of repeated shingles, those that are boilerplate, and what is left between them.

    Parameters
    ----------
    repeated : Repeated
        Of `boilerplate_articles` articles or more.
    n_shingles : int64[n_articles]
        Of each article.
    sources, days, read, read_headlines, boilerplate_articles, shingle_words
        As for `find_boilerplate`.
    expect : callable
        Told, before any of them is read, which rows `read` will be asked for: where they lie far away, they can be
        fetched at once.

    Returns
    -------
    uint64[m]
        Sorted.
    """
    names, source_of_row = np.unique(np.asarray(sources, dtype=np.str_), return_inverse=True)
    is_known = names != ""
    sample = sample_headlines(source_of_row, is_known)
    suffixes = find_suffixes(read_headlines(sample), source_of_row[sample])
    furniture = judge_blocks(
        repeated, source_of_row, is_known, days, suffixes, read,
        boilerplate_articles=boilerplate_articles, shingle_words=shingle_words, expect=expect,
    )  # fmt: skip
    return complete(furniture, n_shingles, read, shingle_words=shingle_words, expect=expect)


class Furniture(NamedTuple):
    """What is furniture of some blocks.

    Parameters
    ----------
    masked : uint64[n]
        Shingles, sorted.
    carriers : int64[m]
        The articles that carry it, ascending.
    n_masked : int64[n_articles]
        How many of its shingles each article has.
    """

    masked: NDArray[np.uint64]
    carriers: _Ints
    n_masked: _Ints


def judge_blocks(
    repeated: Repeated,
    source_of_row: _Ints,
    is_known: NDArray[np.bool_],
    days: _Ints,
    suffixes: NDArray[np.uint64],
    read: Callable[[_Ints], tuple[WeighedUnits, Sequence[str]]],
    *,
    boilerplate_articles: int,
    shingle_words: int,
    expect: Callable[[_Ints], None] = lambda rows: None,
    repeated_of: Callable[[_Ints], NDArray[np.uint64]] | None = None,
) -> Furniture:
    """Find the blocks of repeated shingles that are furniture.

    Parameters
    ----------
    repeated : Repeated
        All, or all of some blocks: those of some range of `block_keys`.
    source_of_row : int64[n_articles]
        The source of each article, by its place among the sources' names, sorted.
    is_known : bool[n_sources]
        Whether a source has a name.
    suffixes : uint64[m]
        As `find_suffixes` gives them.
    days, read, boilerplate_articles, shingle_words, expect
        As for `judge_repeated`.
    repeated_of : callable, optional
        Rows -> the repeated shingles that stand in any of them, sorted: where those of some blocks only are given.
    """
    n = len(source_of_row)
    found = sort_into_blocks(repeated, n, boilerplate_articles)
    if not len(found.offsets) - 1:
        return Furniture(repeated.shingles[:0], found.carriers[:0], np.zeros(n, dtype=np.int64))
    is_furniture = _judge(
        found, source_of_row, is_known, days, suffixes, read, boilerplate_articles, shingle_words, expect=expect,
        repeated_of=repeated_of or (lambda rows: repeated.shingles),
    )  # fmt: skip
    is_masked = (found.blocks >= 0) & is_furniture[found.blocks]
    held = repeated.rows[np.repeat(is_masked, np.diff(repeated.offsets))]
    carriers = np.unique(found.carriers[np.repeat(is_furniture, np.diff(found.offsets))])
    return Furniture(found.shingles[is_masked], carriers, np.bincount(held, minlength=n))


def complete(
    furniture: Furniture,
    n_shingles: _Ints,
    read: Callable[[_Ints], tuple[WeighedUnits, Sequence[str]]],
    *,
    shingle_words: int,
    expect: Callable[[_Ints], None] = lambda rows: None,
) -> NDArray[np.uint64]:
    """Add what is left between furniture on pages of which hardly anything else is left: uint64[m], sorted.

    Parameters
    ----------
    furniture : Furniture
        Of all blocks.
    n_shingles, read, shingle_words, expect
        As for `judge_repeated`.
    """
    n_left = n_shingles - furniture.n_masked
    hardly_more = (n_left > 0) & (n_left <= _MAX_LEFT * n_shingles)
    rows = furniture.carriers[hardly_more[furniture.carriers]]
    expect(rows)
    return np.union1d(furniture.masked, _leftovers(furniture.masked, rows, read, shingle_words))


def sort_into_blocks(repeated: Repeated, n_articles: int, min_articles: int) -> Blocks:
    """Sort the shingles that at least `min_articles` articles hold into blocks.

    Shingles whose holders have the two smallest hashes in common are one block: those of the same articles always are,
    and those of nearly the same mostly (min-wise hashing again, of sets of articles).
    """
    values, n_holders, rows = repeated.shingles, np.diff(repeated.offsets), repeated.rows
    if not len(values):
        nothing = np.empty(0, dtype=np.int64)
        return Blocks(values, nothing, nothing, np.zeros(1, dtype=np.int64))
    blocks, _ = number_values(block_keys(repeated))
    sizes = np.bincount(blocks)
    # which rows carry a good part of the block
    keys = np.repeat(blocks, n_holders) * n_articles + rows
    numbers, distinct = number_values(keys.astype(np.uint64))
    order = np.argsort(distinct)
    keys, n_carried = distinct[order].astype(np.int64), np.bincount(numbers)[order]
    of_block, carriers = np.divmod(keys, n_articles)
    is_carrier = n_carried >= _MIN_CARRIED * sizes[of_block]
    n_carriers = np.bincount(of_block[is_carrier], minlength=len(sizes))
    is_block = (sizes >= _MIN_BLOCK) & (n_carriers >= min_articles)
    number = np.where(is_block, np.cumsum(is_block) - 1, -1)
    carriers = carriers[is_carrier & is_block[of_block]]
    return Blocks(values, number[blocks], carriers, np.r_[0, np.cumsum(n_carriers[is_block])].astype(np.int64))


def block_keys(repeated: Repeated) -> NDArray[np.uint64]:
    """Name the block of each repeated shingle: equal keys, one block."""
    if not len(repeated.shingles):
        return repeated.shingles
    starts = repeated.offsets[:-1]
    hashes = _hash_rows(repeated.rows)
    least = np.minimum.reduceat(hashes, starts)
    hashes[hashes == np.repeat(least, np.diff(repeated.offsets))] = np.iinfo(np.uint64).max
    keys: NDArray[np.uint64] = least * _SPREAD + np.minimum.reduceat(hashes, starts)
    return keys


def _judge(
    found: Blocks,
    source_of_row: _Ints,
    is_known: NDArray[np.bool_],
    days: _Ints,
    suffixes: NDArray[np.uint64],
    read: Callable[[_Ints], tuple[WeighedUnits, Sequence[str]]],
    min_articles: int,
    shingle_words: int,
    *,
    expect: Callable[[_Ints], None],
    repeated_of: Callable[[_Ints], NDArray[np.uint64]],
) -> NDArray[np.bool_]:
    """Tell of each block whether it is furniture."""
    n_blocks = len(found.offsets) - 1
    of_block = np.repeat(np.arange(n_blocks), np.diff(found.offsets))
    main, n_main = _main_sources(of_block, source_of_row[found.carriers], n_blocks)
    n_carriers = np.diff(found.offsets)
    is_main = source_of_row[found.carriers] == main[of_block]
    chosen = _choose(found, of_block, is_main) & ((n_main >= min_articles) | (n_carriers >= _MIN_ACROSS))[of_block]
    expect(np.unique(found.carriers[chosen]))
    is_furniture = np.zeros(n_blocks, dtype=np.bool_)
    for first in range(0, n_blocks, _BLOCKS_AT_ONCE):
        last = min(first + _BLOCKS_AT_ONCE, n_blocks)
        places = np.flatnonzero(chosen & (of_block >= first) & (of_block < last))
        is_furniture[first:last] = _read_blocks(
            found, places, of_block[places] - first, is_main[places], n_main[first:last], n_carriers[first:last],
            is_known[main[first:last]], source_of_row, suffixes, first, read, repeated_of, min_articles,
            shingle_words,
        )  # fmt: skip
    n_of_source = np.bincount(source_of_row)
    n_days = _count_days(of_block, is_main, days[found.carriers], n_blocks)
    is_series = is_known[main] & (n_days >= _MIN_DAYS) & (n_main >= _MIN_SHARE * n_of_source[main])
    return is_furniture | (is_series & (n_carriers - n_main <= _MAX_OUTSIDE * n_carriers))


def _main_sources(of_block: _Ints, sources: _Ints, n_blocks: int) -> tuple[_Ints, _Ints]:
    """Give the source that carries each block most often (the first by name), and how often."""
    n_sources = int(sources.max()) + 1
    keys, counts = np.unique(of_block * n_sources + sources, return_counts=True)
    blocks, names = np.divmod(keys, n_sources)
    order = np.lexsort((names, -counts, blocks))
    is_first = np.r_[True, blocks[order][1:] != blocks[order][:-1]]
    return names[order][is_first], counts[order][is_first]


def _choose(found: Blocks, of_block: _Ints, is_main: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Choose the carriers that are read: of the main source and of others, those with the smallest hashes."""
    order = np.lexsort((_hash_rows(found.carriers), ~is_main, of_block))
    key = of_block[order] * 2 + ~is_main[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    rank = np.arange(len(key)) - np.repeat(starts, np.diff(np.r_[starts, len(key)]))
    chosen = np.zeros(len(order), dtype=np.bool_)
    chosen[order] = rank < _N_READ
    return chosen


def _count_days(of_block: _Ints, is_main: NDArray[np.bool_], days: _Ints, n_blocks: int) -> _Ints:
    is_known = is_main & (days != _NO_DAY)
    pairs = np.unique(np.stack([of_block[is_known], days[is_known]], axis=1), axis=0)
    return np.bincount(pairs[:, 0], minlength=n_blocks)


def _read_blocks(
    found: Blocks,
    places: _Ints,
    of_block: _Ints,
    is_main: NDArray[np.bool_],
    n_main: _Ints,
    n_carriers: _Ints,
    is_one_source: NDArray[np.bool_],
    source_of_row: _Ints,
    suffixes: NDArray[np.uint64],
    first_block: int,
    read: Callable[[_Ints], tuple[WeighedUnits, Sequence[str]]],
    repeated_of: Callable[[_Ints], NDArray[np.uint64]],
    min_articles: int,
    shingle_words: int,
) -> NDArray[np.bool_]:
    """Read the chosen articles of some blocks and judge by their rests."""
    rows, row_of_place = np.unique(found.carriers[places], return_inverse=True)
    texts, originals = read(rows)
    in_order = kernels.shingle_texts(texts.words, texts.offsets, shingle_words)
    place_of_shingle = look_up(in_order, found.shingles)
    block_of_word = np.where(place_of_shingle >= 0, found.blocks[place_of_shingle], -1)
    is_repeated = is_member(in_order, repeated_of(rows))
    is_rest, has_rest, n_own = _find_rests(~cover(is_repeated, shingle_words), texts.offsets)
    units, distinct = number_values(texts.units)
    is_rest &= ~_are_suffixes(texts, source_of_row[rows], suffixes)

    words, text_offsets = _gather(texts.offsets[::2], row_of_place)
    wanted = np.repeat(of_block + first_block, np.diff(text_offsets))
    is_shared = cover(block_of_word[words] == wanted, shingle_words)
    kinds = (is_rest[words] * rests.REST + is_shared * rests.SHARED).astype(np.uint8)
    weights = np.empty(len(distinct))
    weights[units] = texts.weights
    n_blocks = len(n_main)
    group_offsets = np.searchsorted(of_block, np.arange(n_blocks + 1)).astype(np.int64)
    between, to_block, rest_weights = rests.kinships(weights, units[words], kinds, text_offsets, group_offsets)
    is_judged = (rest_weights >= _MIN_REST) & has_rest[row_of_place]
    place_in_block = np.arange(len(places)) - group_offsets[of_block]
    table = np.zeros((n_blocks, 2 * _N_READ), dtype=np.bool_)
    table[of_block, place_in_block] = is_judged
    mains = np.zeros_like(table)
    mains[of_block, place_in_block] = is_main
    kin = np.zeros((n_blocks, 2 * _N_READ, 2 * _N_READ))
    kin[of_block, place_in_block] = between[:, : 2 * _N_READ]
    owns = np.zeros_like(table)
    owns[of_block, place_in_block] = n_own[row_of_place] >= _MIN_OWN_WORDS
    know = np.zeros((n_blocks, 2 * _N_READ))
    know[of_block, place_in_block] = to_block

    def strangers(is_asked: NDArray[np.bool_], n_needed: _Ints, *, share: float | _Floats) -> NDArray[np.bool_]:
        asked = table & is_asked
        pairs = asked[:, :, None] & asked[:, None, :] & np.triu(np.ones_like(kin[0], dtype=np.bool_), 1)
        found: NDArray[np.bool_] = (
            (asked.sum(axis=1) >= n_needed)
            & (_quantile(kin.reshape(n_blocks, -1), pairs.reshape(n_blocks, -1), share) <= _MAX_BETWEEN)
            & (_quantile(know, asked, share) <= _MAX_TO_BLOCK)
        )
        return found

    n_read = np.minimum(n_main, _N_READ)
    everybody = np.ones_like(mains)
    of_one_source = (n_main >= min_articles) & strangers(
        mains, np.maximum(2, n_read // 2 + 1), share=np.where(is_one_source, _HALF, _MOST)
    )
    of_many = (n_carriers >= _MIN_ACROSS) & strangers(everybody, np.full(n_blocks, _MIN_ACROSS), share=_MOST)
    # others have a say: a headline that knows the block makes it a story
    others = table & ~mains
    is_known_elsewhere = others.any(axis=1) & (_quantile(know, others, _HALF) > _MAX_TO_BLOCK)
    have_own = (n_main >= max(min_articles, _MIN_OWN_PAGES)) & ((owns & mains).sum(axis=1) >= _MOSTLY * n_read)
    have_own &= (n_carriers - n_main <= _MAX_OUTSIDE * n_carriers) & is_one_source
    is_stub = (n_main >= _MIN_SAME_PAGES) & (n_main == n_carriers) & is_one_source & ~table.any(axis=1)
    is_furniture = ((of_one_source | have_own) & ~is_known_elsewhere) | of_many | is_stub
    unread = ~is_furniture & (table.sum(axis=1) < 2) & (np.diff(group_offsets) > 0)
    for block in np.flatnonzero(unread).tolist():
        row = row_of_place[group_offsets[block]]
        n_words = texts.offsets[2 * row + 1] - texts.offsets[2 * row]
        is_furniture[block] = n_words <= _MAX_NOTICE_WORDS and is_notice(originals[row])
    judged: NDArray[np.bool_] = is_furniture
    return judged


def _find_rests(is_unshared: NDArray[np.bool_], offsets: _Ints) -> tuple[NDArray[np.bool_], NDArray[np.bool_], _Ints]:
    """Tell which words are rests, which texts have one to judge by, and how many words nobody shares.

    Where most of a page is shared, what follows the shared text is mostly furniture in its turn (a credit, related
    links), which knows nobody: there, only the headline and what stands before the shared text count.
    """
    is_rest = keep_long_runs(is_unshared, offsets, _MIN_RUN)
    n_texts = len(offsets) // 2
    text_of_word = np.repeat(np.arange(n_texts), np.diff(offsets[::2]))
    is_headline = np.arange(len(is_rest)) >= offsets[1::2][text_of_word]
    is_rest[is_headline] = True  # pages that share their headline, too, are one story
    n_shared = np.r_[0, np.cumsum(~is_rest)]  # before each word
    is_before = n_shared[:-1] == n_shared[offsets[::2][:-1]][text_of_word]
    n_rest = np.r_[0, np.cumsum(is_rest & ~is_headline)]
    in_body = n_rest[offsets[1::2]] - n_rest[offsets[:-1:2]]
    is_most_shared = in_body < _MIN_OWN * (offsets[1::2] - offsets[:-1:2])
    is_rest &= ~is_most_shared[text_of_word] | is_headline | is_before
    n_rest = np.r_[0, np.cumsum(is_rest)]
    return is_rest, n_rest[offsets[2::2]] > n_rest[offsets[:-1:2]], in_body


def sample_headlines(source_of_row: _Ints, is_known: NDArray[np.bool_]) -> _Ints:
    """Choose articles of each source that has a name and several of them, `_N_HEADLINES` at most; ascending."""
    n_of_source = np.bincount(source_of_row, minlength=len(is_known))
    rows = np.flatnonzero((is_known & (n_of_source >= _MIN_SUFFIXED))[source_of_row])
    rows = rows[np.lexsort((_hash_rows(rows), source_of_row[rows]))]
    sources = source_of_row[rows]
    place_in_source = np.arange(len(rows)) - np.searchsorted(sources, sources)
    return np.sort(rows[place_in_source < _N_HEADLINES])


def join_headlines(parts: Sequence[Headlines]) -> Headlines:
    """Put headlines one after another."""
    sizes = np.concatenate([np.diff(part.offsets) for part in parts])
    return Headlines(np.concatenate([part.units for part in parts]), np.r_[0, np.cumsum(sizes)].astype(np.int64))


def find_suffixes(headlines: Headlines, sources: _Ints) -> NDArray[np.uint64]:
    """Find the words that stand in most headlines of their source: its name, a column's.

    Parameters
    ----------
    headlines : Headlines
        Of a sample.
    sources : int64[n_headlines]
        The source of each.

    Returns
    -------
    uint64[m]
        A key for each source and word, sorted.
    """
    of_word = np.repeat(np.arange(len(sources)), np.diff(headlines.offsets))
    keys = _suffix_keys(headlines.units, sources[of_word])
    numbers, distinct = number_values(keys)
    held = np.unique(numbers * len(sources) + of_word)  # once a headline
    number, headline = np.divmod(held, max(1, len(sources)))
    n_holders = np.bincount(number, minlength=len(distinct))
    source_of_key = np.zeros(len(distinct), dtype=np.int64)
    source_of_key[number] = sources[headline]
    n_of_source = np.bincount(sources, minlength=1)
    is_suffix = (n_holders >= _MIN_SUFFIXED) & (2 * n_holders > n_of_source[source_of_key])
    return np.sort(distinct[is_suffix])


def _are_suffixes(texts: WeighedUnits, sources: _Ints, suffixes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell which words of headlines are suffixes of their source's."""
    text_of_word = np.repeat(np.arange(len(sources)), np.diff(texts.offsets[::2]))
    is_headline = np.arange(len(texts.units)) >= texts.offsets[1::2][text_of_word]
    return is_headline & is_member(_suffix_keys(texts.units, sources[text_of_word]), suffixes)


def _suffix_keys(units: NDArray[np.uint64], sources: _Ints) -> NDArray[np.uint64]:
    keys: NDArray[np.uint64] = (units ^ _hash_rows(sources)) * _SPREAD
    return keys


def _gather(offsets: _Ints, rows: _Ints) -> tuple[_Ints, _Ints]:
    """Put the words of some rows side by side: their places, and where each row's begin."""
    lengths = np.diff(offsets)[rows]
    ends = np.cumsum(lengths)
    places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(offsets[rows] - (ends - lengths), lengths)
    return places, np.r_[0, ends].astype(np.int64)


def cover(is_start: NDArray[np.bool_], shingle_words: int) -> NDArray[np.bool_]:
    """Mark every word of the shingles that start where it is told: bool[n]."""
    covered = is_start.copy()
    for shift in range(1, shingle_words):
        covered[shift:] |= is_start[:-shift]
    return covered


def _quantile(values: _Floats, is_counted: NDArray[np.bool_], share: float | _Floats) -> _Floats:
    """Give the counted value of each row that a share of the row's counted values does not exceed; 0 for none."""
    ordered = np.sort(np.where(is_counted, values, np.inf), axis=1)
    n = is_counted.sum(axis=1)
    place = np.maximum(0, np.ceil(share * n).astype(np.int64) - 1)
    found = ordered[np.arange(len(ordered)), place]
    return np.where(n > 0, found, 0.0)


def _leftovers(
    masked: NDArray[np.uint64],
    rows: _Ints,
    read: Callable[[_Ints], tuple[WeighedUnits, Sequence[str]]],
    shingle_words: int,
) -> NDArray[np.uint64]:
    """Find what stays between masked words in articles of which hardly anything else stays."""
    parts = [masked[:0]]
    for first in range(0, len(rows), 1_000):
        texts, _ = read(rows[first : first + 1_000])
        in_order = kernels.shingle_texts(texts.words, texts.offsets, shingle_words)
        text_of_word = np.repeat(np.arange(len(texts.offsets) - 1), np.diff(texts.offsets))  # bodies and headlines
        under = np.flatnonzero(cover(is_member(in_order, masked), shingle_words))
        first_of_text, end_of_text = texts.offsets[text_of_word], texts.offsets[text_of_word + 1]
        before = np.r_[-1, under[:-1]]
        before = np.where(before < first_of_text[under], first_of_text[under] - 1, before)  # the text begins there
        behind = np.r_[under[1:], len(in_order)]
        behind = np.where(behind >= end_of_text[under], end_of_text[under], behind)
        for last, following in ((before, under), (under, behind)):
            is_short = (following - last > 1) & (following - last <= _MAX_LEFTOVER + 1)
            for left, right in zip(last[is_short].tolist(), following[is_short].tolist(), strict=True):
                parts.append(in_order[max(0, left - shingle_words + 2) : right])
    values = np.concatenate(parts)
    found_values: NDArray[np.uint64] = values[values != 0]
    return found_values


def find_masked(words: NDArray[np.uint64], kept: NDArray[np.uint64], *, shingle_words: int) -> NDArray[np.bool_]:
    """Tell which words of one text are masked: those under a shingle that is not among `kept`.

    Words under a kept shingle, too, are masked none the less: the story begins behind the footer's last word.

    Parameters
    ----------
    words : uint64[n]
        Hashes, in reading order.
    kept : uint64[m]
        The text's shingles that are compared.
    shingle_words : int
        Words a shingle.
    """
    in_order = kernels.shingle_texts(words, np.array([0, len(words)], dtype=np.int64), shingle_words)
    is_start = ~is_member(in_order, kept) & (in_order != 0)
    return cover(is_start, shingle_words)


def masked_spans(is_masked: NDArray[np.bool_], words: Words) -> tuple[Span, ...]:
    """Give masked words as stretches of characters."""
    edges = np.diff(is_masked.astype(np.int8), prepend=0, append=0)
    firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return tuple(zip(words.starts[firsts].tolist(), words.ends[lasts].tolist(), strict=True))


def is_notice(text: str) -> bool:
    """Tell whether a text says of itself that it is no article, but a notice to the reader.

    Examples
    --------
    >>> is_notice("We are sorry, but your IP address has been blocked."), is_notice("The council voted on Monday.")
    (True, False)
    """
    return _notices().search(" ".join(text.casefold().split())) is not None


@cache
def _notices() -> re.Pattern[str]:
    lists = tomllib.loads((files("dedup") / "data" / "notices.toml").read_text(encoding="utf-8"))
    phrases = sorted(phrase.casefold() for group in lists["notice"] for phrase in group["phrases"])
    return re.compile("|".join(re.escape(phrase) for phrase in phrases))


def _hash_rows(rows: _Ints) -> NDArray[np.uint64]:
    """Spread row numbers (splitmix64): a choice of articles that has nothing to do with the order of their ids."""
    h = (rows.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    spread: NDArray[np.uint64] = h ^ (h >> np.uint64(31))
    return spread
