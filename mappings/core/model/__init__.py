"""What a mapping is made of: rows, paths, code tables, dates, outcomes."""
