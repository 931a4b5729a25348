"""Write a long return of Client Level Data, to see how a bulk delivery is taken.

In      How many rows at least; the file to write.
Out     A CSV of invented people: a request, an assessment and a service of each. The same number
        gives the same bytes.

    python -m tools.write_council_return 100000 council-return.csv
"""

import sys
from pathlib import Path

from gateway.cli.demo.council_return import client_level_data
from gateway.cli.demo.people import people_of

ROWS_OF_A_PERSON = 3


def main() -> None:
    """Write the file that the arguments ask for."""
    rows, name = sys.argv[1:]
    people = -(-int(rows) // ROWS_OF_A_PERSON)
    body = client_level_data(people_of(1, people, ()))
    Path(name).write_bytes(body)


if __name__ == "__main__":
    main()
