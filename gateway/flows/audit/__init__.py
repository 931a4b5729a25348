"""The log, as it is searched, proved, published, taken away and told to people."""
