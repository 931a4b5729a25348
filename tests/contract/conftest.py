"""The outside judges, for the laws."""

from tests.judges.conftest import broken_invariants, google_verdicts

__all__ = ["broken_invariants", "google_verdicts"]
