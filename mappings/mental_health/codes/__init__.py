"""Code tables of the mental-health feed."""
