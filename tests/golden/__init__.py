"""Golden files: what each feed makes of one message, kept as a clinical reviewer reads it.

tests/golden/<feed>/<case>/input/   the files of one delivery (several: members by name)
tests/golden/<feed>/<case>/expected.json   everything the mapping makes of it

`python -m tests.golden.rewrite [feed]` writes the expected files; the difference is reviewed.
"""
