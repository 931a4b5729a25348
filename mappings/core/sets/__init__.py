"""What national data sets share: tables of one delivery, and the targets that all of them have."""
