"""The seed world, one name a thing: its outlets and articles, and the feeds and pages they are published as."""

from seeds.feeds import opml, render_feed
from seeds.pages import render_home, render_page
from seeds.records import Article, Outlet, load_articles, load_labels, load_origins, load_outlets

__all__ = [
    "Article",
    "Outlet",
    "load_articles",
    "load_labels",
    "load_origins",
    "load_outlets",
    "opml",
    "render_feed",
    "render_home",
    "render_page",
]
