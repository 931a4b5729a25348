"""What stands in the clear beside what is sealed: what is filtered and searched by."""
