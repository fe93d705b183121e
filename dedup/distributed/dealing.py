"""Numbered values -> all values of one number in the hands of one worker: what the steps have of Spark's shuffle.

The values of number 0 are for the driver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from pyspark import RDD

DRIVER = 0
T = TypeVar("T")
U = TypeVar("U")


def deal(numbered: RDD[tuple[int, T]], n: int) -> RDD[tuple[int, T]]:
    """Bring together the values of each number below `n`, once for all who read them."""
    return numbered.partitionBy(n, int)


def values_for_driver(dealt: RDD[tuple[int, T]]) -> list[T]:
    """Give the values of number 0, in any order."""
    return dealt.context.runJob(dealt, lambda items: (value for _, value in items), [DRIVER])


def work_on_each(dealt: RDD[tuple[int, T]], work: Callable[[int, list[T]], Iterable[U]]) -> RDD[U]:
    """Do some work on the values of each number but 0, which come in any order; results are in the order of numbers."""

    def run(number: int, items: Iterable[tuple[int, T]]) -> Iterable[U]:
        values = [value for _, value in items]
        return work(number, values) if values and number != DRIVER else ()

    return dealt.mapPartitionsWithIndex(run)
