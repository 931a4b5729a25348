"""Who is asking: tokens checked and turned into a Caller; pure of the database."""
