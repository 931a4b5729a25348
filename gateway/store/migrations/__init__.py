"""The schema's history, by Alembic: one for both engines."""
