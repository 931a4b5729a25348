"""The documents as they are sent: their published shape, and what reads them."""
