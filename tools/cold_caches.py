"""For mutation testing: each test finds the caches of consent/, and its tests' own, empty, so that
a change behind one is run and not remembered."""

import sys

import pytest


@pytest.fixture(autouse=True)
def _cold_caches() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith(("consent.", "tests.unit.consent.")):
            for value in list(vars(module).values()):
                clear = getattr(value, "cache_clear", None)
                if callable(clear):
                    clear()
