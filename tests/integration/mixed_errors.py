"""Items that wait, as many of each feed, in the words of that feed: five hundred, or some of them.

sixty of a hundred  right, and pushed while our mapping of the feed has a fault: a replay takes them
twenty-five         wrong by their sender's own doing, and wrong again when they are replayed
fifteen             bodies that are not the feed's format
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from tests.golden.cases import GOLDEN
from tests.integration.taking import Delivery, zipped

FEEDS: Final = ("community", "gp", "hospital", "mental-health", "social-care")


class Of(NamedTuple):
    """So many of each feed."""

    right: int
    wrong: int
    unreadable: int

    @property
    def all(self) -> int:
        return sum(self)


FIVE_HUNDRED: Final = Of(60, 25, 15)
SOME: Final = Of(12, 5, 3)


def nhs_number(number: int) -> str:
    """A valid NHS number of the test range, another for each number."""
    digits = f"999{number:06d}"
    check = 11 - sum((10 - place) * int(digit) for place, digit in enumerate(digits)) % 11
    return nhs_number(number + 500_000) if check == 10 else f"{digits}{check % 11}"


def right(feed: str, count: int) -> list[Delivery]:
    """So many items, each person another."""
    if feed in _ROWS:
        half = range(count // 2)  # a person is an item, and so is a plan
        return [_file(feed, half, half)]
    return [_one(feed, "minimal", n) for n in range(count)]


def wrong(feed: str, count: int) -> list[Delivery]:
    """So many items that no correction of ours mends."""
    if feed in _ROWS:
        return [_file(feed, range(0), range(1000, 1000 + count))]
    case = {"gp": "two-patients", "hospital": "orm-decision-unknown", "social-care": "names-nobody"}
    return [_one(feed, case[feed], 1000 + n) for n in range(count)]


def unreadable(feed: str, count: int) -> list[Delivery]:
    """So many bodies of no format of the feed."""
    return [Delivery(feed, f"Dear gateway, letter {n}".encode()) for n in range(count)]


def _one(feed: str, case: str, number: int) -> Delivery:
    """A golden case, about somebody else and under other ids."""
    (source,) = (GOLDEN / feed / case / "input").iterdir()
    text = source.read_text(encoding="utf-8")
    for old, new in _CHANGES[feed](number):
        text = text.replace(old, new)
    return Delivery(feed, text.encode(), "application/fhir+json" if feed == "gp" else "")


def _gp(number: int) -> Iterator[tuple[str, str]]:
    yield "-0000-4000-8000-", f"-{number:04x}-4000-8000-"


def _hospital(number: int) -> Iterator[tuple[str, str]]:
    yield "5500", f"77{number:04d}"
    yield "P-100^", f"P-{number}^"
    yield "|M-1|", f"|M-{number}|"
    yield "9990001006", nhs_number(number)


def _social_care(number: int) -> Iterator[tuple[str, str]]:
    yield "SP-", f"SP-{number}-"
    yield "SC-", f"SC-{number}-"


_CHANGES: Final = {"gp": _gp, "hospital": _hospital, "social-care": _social_care}
_ROWS: Final[dict[str, tuple[str, str, str]]] = {
    "community": ("CYP000Header.csv", "CYP001MPI.csv", "CYP004CarePlanType.csv"),
    "mental-health": ("MHS000Header.csv", "MHS001MPI.csv", "MHS008CarePlanType.csv"),
}


def _file(feed: str, people: Any, plans: Any) -> Delivery:
    """A submission with these people, and with plans of these."""
    folder = GOLDEN / feed / "minimal" / "input"
    header, persons, careplans = ((folder / name).read_text("utf-8") for name in _ROWS[feed])
    made = [header.encode()]
    for text, numbers in ((persons, people), (careplans, plans)):
        heading, row = text.strip().splitlines()
        rows = [_row(row, number) for number in numbers]
        made.append("\n".join([heading, *rows, ""]).encode())
    return Delivery(feed, zipped(dict(zip(_ROWS[feed], made, strict=True))), "application/zip")


def _row(row: str, number: int) -> str:
    cells = row.split(",")
    local = next(cell for cell in cells if cell.startswith(("CH-", "MH-")))
    changes = {local: f"{local}-{number}", "P-1": f"P-{number}"}
    changes |= {cell: nhs_number(number) for cell in cells if cell.startswith("999")}
    return ",".join(changes.get(cell, cell) for cell in cells)
