"""One module a peer: how each is run in its own best way, with a Python of its own."""
