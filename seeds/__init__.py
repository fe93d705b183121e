"""A small invented news world, labelled: its outlets, their articles, feeds and pages, and a server for them."""
