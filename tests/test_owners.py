import pytest

from dedup import Article, Settings, SettingsError, find_duplicates
from dedup.owners import publishers_of

TEXT = "The council voted on Monday to rebuild the old bridge across the river by next spring, and to pay for it."


def publisher(source: str, *, url: str = "", owners: dict[str, str] | None = None, **metadata: str) -> str:
    article = Article(id="a", text=TEXT, source=source, url=url, metadata=metadata)
    return publishers_of([article], owners=owners or {})[0]


@pytest.mark.parametrize(
    ("a", "b", "is_one"),
    [
        ("news.example.com", "example.com", True),
        ("sport.outlet.example", "www.outlet.example", True),
        ("a.example.co.uk", "b.example.co.uk", True),
        ("example.co.uk", "other.co.uk", False),
        ("one.blogspot.com", "two.blogspot.com", False),
        ("one.wordpress.com", "two.wordpress.com", False),
        ("bbc.co.uk", "news.bbc.com", True),
        ("haz.de", "rnd.de", True),
        ("bild.de", "welt.de", False),
        ("Tagblatt", "Tagblatt", True),
        ("Tagblatt", "tagblatt.example", False),
        ("127.0.0.1:8001", "127.0.0.1:8002", False),
    ],
)
def test_one_publisher(a: str, b: str, is_one: bool) -> None:
    assert (publisher(a) == publisher(b)) is is_one


def test_an_unknown_source_is_nobodys() -> None:
    assert publisher("") == ""


def test_the_setting_adds_families_and_takes_titles_out() -> None:
    owners = {"Outlet.example": "Group", "Tagblatt": "Group", "haz.de": "haz.de"}
    assert publisher("news.outlet.example", owners=owners) == publisher("Tagblatt", owners=owners) == "Group"
    assert publisher("haz.de", owners=owners) != publisher("rnd.de", owners=owners)


def test_a_column_publisher_counts_more_than_the_host_of_a_url() -> None:
    assert publisher("short.example", url="https://short.example/a", publisher="Outlet") == "Outlet"
    assert publisher("own.example", url="https://short.example/a", publisher="Outlet") == "own.example"


def test_what_one_family_prints_is_a_revision() -> None:
    rows = [
        {"id": "a", "text": TEXT, "source": "news.group.example"},
        {"id": "b", "text": TEXT, "source": "group.example"},
        {"id": "c", "text": TEXT, "source": "daughter.example"},
    ]
    found = find_duplicates(rows, settings=Settings(owners={"daughter.example": "G", "group.example": "G"}))
    assert [match.relation for match in found.matches] == ["revision"] * 3
    assert [cluster.is_revision for cluster in found.clusters] == [True]
    assert [match.relation for match in find_duplicates(rows).matches] == ["revision", "copy", "copy"]


def test_owners_that_are_no_names_are_an_error() -> None:
    with pytest.raises(SettingsError, match="owners"):
        Settings(owners={"a.example": 3})  # type: ignore[dict-item]
