"""A short run of benchmarks/fuzz.py: the same inputs each time."""

import pytest

from benchmarks.fuzz import TARGETS, fuzz


@pytest.mark.parametrize("name", TARGETS)
def test_noise_ends_under_a_name(name: str) -> None:
    fuzz(name, n_examples=60, round_number=2026)
