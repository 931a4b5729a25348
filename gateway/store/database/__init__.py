"""The two engines, their schema and copies."""
