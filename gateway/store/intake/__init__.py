"""Deliveries and their items, folded into the record."""
