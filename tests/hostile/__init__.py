"""Attacks and breakage, one named case each, served on loopback beside good feeds.

`cases.py` is the table, `replies.py` what it is made of, `server.py` serves it, `night.py` runs one night against it.
"""
