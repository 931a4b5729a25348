"""One record, written over REST: checks, edits beside feeds, transactions, who is told."""
