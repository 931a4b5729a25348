"""What is kept: tables, units of work, sealing. Nothing else of the service touches a table."""
