"""What stands around every route: sessions, what is recorded, what an error becomes."""
