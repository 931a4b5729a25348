"""The two outside judges, as fixtures.

broken_invariants(resource)   the keys of the official invariants broken (fhirpathpy).
google_verdicts(resources)    per resource None, or why google-fhir-r4 refuses it.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.judges import fhirpath
from tests.judges.apart import JudgeUnavailableError
from tests.judges.google import environment


@pytest.fixture(scope="session")
def broken_invariants() -> Callable[[dict[str, Any]], list[str]]:
    return fhirpath.broken_invariants


@pytest.fixture(scope="session")
def google_verdicts(
    unavailable: Callable[[str, str], None],
) -> Iterator[Callable[[list[dict[str, Any]]], list[str | None]]]:
    try:
        environment.build()
    except JudgeUnavailableError as reason:
        unavailable("judges", str(reason))
        return
    with environment.sitting() as verdicts:
        yield verdicts
