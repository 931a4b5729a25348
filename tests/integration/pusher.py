"""One more process that pushes: `python -m tests.integration.pusher URL KEY_FILE SEED PUSHERS`.

Out     JSON: the answers it was given, by the number of the delivery.
"""

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

from gateway.clock import now
from gateway.store.commit.units import Store
from gateway.store.keyring.keys import FileKeyProvider
from tests.integration.contention import contended
from tests.integration.taking import taken


async def push_all(store: Store, seed: int, pushers: int) -> list[tuple[int, dict[str, Any]]]:
    """Every contended delivery by each of so many pushers, each in an order of its own."""

    async def one(number: int) -> list[tuple[int, dict[str, Any]]]:
        order = list(enumerate(contended()))
        random.Random(seed * 100 + number).shuffle(order)
        return [(place, await taken(store, delivery)) for place, delivery in order]

    answers = await asyncio.gather(*(one(number) for number in range(pushers)))
    return [answer for part in answers for answer in part]


async def main(url: str, key_file: str, seed: str, pushers: str) -> None:
    store = await Store.open(url, FileKeyProvider.read(Path(key_file)), now)
    try:
        sys.stdout.write(json.dumps(await push_all(store, int(seed), int(pushers))))
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
