"""Code tables of the hospital feed."""
