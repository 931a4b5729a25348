"""What the five feeds share: rows and their applier, code tables, dates, identifiers, labels."""
