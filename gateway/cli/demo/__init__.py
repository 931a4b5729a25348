"""The demo: a synthetic borough on the embedded store, and a walk through what it shows."""
