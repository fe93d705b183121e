"""The kernels that are compiled beside the first run are those that a run calls."""

from pathlib import Path

import numba
import numpy as np
import pytest

from dedup import find_duplicates
from dedup.kernels import warm
from dedup.kernels.compiled import IS_COMPILED

_REMEDY = "run benchmarks/kernel_signatures.py"
ARTICLES = Path(__file__).parent.parent / "seeds" / "articles.jsonl"

pytestmark = pytest.mark.skipif(not IS_COMPILED, reason="NUMBA_DISABLE_JIT: nothing is compiled")


def test_every_kernel_of_the_list_is_called_with_the_arguments_of_the_list() -> None:
    find_duplicates(ARTICLES)
    for signature in warm.load_signatures():
        arguments = tuple(warm.to_type(argument) for argument in signature.arguments)
        dispatcher = warm.dispatcher_of(signature)
        assert dispatcher is not None, f"{signature.kernel} is gone; {_REMEDY}"
        assert arguments in dispatcher.signatures, f"{signature.kernel} has changed; {_REMEDY}"


@pytest.mark.parametrize(
    "value", [np.zeros(3, np.uint64), np.zeros((2, 2), np.float32), np.zeros(1, np.bool_), 5, 0.5, True]
)
def test_a_type_is_written_and_read(value: object) -> None:
    numba_type = numba.typeof(value)
    assert warm.to_type(warm.to_argument(numba_type)) == numba_type


def test_read_only_arrays_are_told_apart() -> None:
    array = np.zeros(3, np.uint8)
    array.flags.writeable = False
    assert warm.to_argument(numba.typeof(array)) == "uint8[1]!"
    assert warm.to_type("uint8[1]!") == numba.typeof(array)


def test_a_kernel_that_is_gone_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = [warm.Signature("dedup.kernels.texts", "gone", ()), warm.Signature("dedup.kernels.nowhere", "gone", ())]
    monkeypatch.setattr(warm, "load_signatures", lambda: gone)
    assert warm.compile_backwards() == 0


def test_nothing_is_started_where_all_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    find_duplicates(ARTICLES)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(warm.subprocess, "Popen", never)
    warm.start.cache_clear()
    warm.start()
