"""Source records, the people they belong to, and what is said of either."""
