from dataclasses import fields
from pathlib import Path

import pytest

from dedup import Settings, SettingsError
from dedup.settings import _RANGES, load_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threshold", 0),
        ("threshold", 1.01),
        ("threshold", "high"),
        ("threshold", float("nan")),
        ("shingle_words", 0),
        ("shingle_words", 2.5),
        ("num_perm", 1),
        ("num_perm", True),
        ("seed", -1),
        ("seed", 2**32),
        ("window_days", 0),
        ("timeout_s", 0),
        ("max_body_bytes", "15 MB"),
        ("host_delay_s", -1),
        ("allow_private", 1),
        ("connect_to", {"*.example": "127.0.0.1"}),
        ("connect_to", None),
        ("user_agent", ""),
        ("user_agent", "two\nlines"),
    ],
)
def test_a_value_out_of_range_is_named(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is "):
        Settings(**{name: value})  # type: ignore[arg-type]


def test_every_setting_has_a_range() -> None:
    assert {field.name for field in fields(Settings)} == set(_RANGES)


def test_rows_per_band_cannot_exceed_the_signature() -> None:
    with pytest.raises(SettingsError, match="rows_per_band is 20"):
        Settings(num_perm=16, rows_per_band=20)


def test_settings_are_read_from_toml_and_overridden(tmp_path: Path) -> None:
    path = tmp_path / "dedup.toml"
    path.write_text('threshold = 0.7\nwindow_days = 30\n[connect_to]\n"*.example" = "127.0.0.1:8000"\n')
    settings = load_settings(path, threshold=0.6)
    assert (settings.threshold, settings.window_days) == (0.6, 30)
    assert settings.connect_to == {"*.example": "127.0.0.1:8000"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("threshhold = 0.5", "unknown setting 'threshhold'"),
        ("threshold = ", "cannot be read"),
        ("threshold = 7", "is 7"),
    ],
)
def test_a_bad_settings_file_is_one_clear_error(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "dedup.toml"
    path.write_text(content)
    with pytest.raises(SettingsError, match=message):
        load_settings(path)


def test_a_missing_settings_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no-such"):
        load_settings(tmp_path / "no-such.toml")
