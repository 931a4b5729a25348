"""Code tables of the GP feed."""
