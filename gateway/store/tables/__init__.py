"""The tables, once, for both engines. The store alone imports them."""
