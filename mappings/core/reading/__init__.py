"""Bodies read as facts: tables, JSON, encodings."""
