"""What the world sends or people have -> Articles: feeds, pages, files, and the fetching of them."""
