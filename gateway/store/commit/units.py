"""The store as flows are given it: an engine, its keys, its log.

Rule    A flow opens a reading or a writing, and commits inside itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from gateway.clock import Clock
from gateway.store.commit.log import Appender
from gateway.store.commit.writer import Ahead, Writer
from gateway.store.database.engine import BusyError, Connection, Engine, open_engine
from gateway.store.keyring.keys import FileKeyProvider
from gateway.store.keyring.wrapping import Wrapping
from gateway.store.sealed.vault import Vault

_ATTEMPTS: Final = 8
_PAUSE_SECONDS: Final = 0.01
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Store:
    """One database and what opens it."""

    engine: Engine
    vault: Vault
    log: Appender
    writer: Writer

    @classmethod
    async def open(
        cls,
        url: str,
        provider: FileKeyProvider,
        clock: Clock,
        wrapping: Wrapping | None = None,
    ) -> "Store":
        """Connect; the schema must be up to date (`care-gateway db upgrade`). Data keys are
        wrapped by the key file, unless it is said where else."""
        engine = await open_engine(url)
        vault = Vault(provider, clock, wrapping)
        writer = Writer(engine)
        return cls(engine, vault, Appender(writer.note, vault), writer)

    async def write(
        self, unit: Callable[[Connection], Awaitable[_Result]], ahead: Ahead | None = None
    ) -> _Result:
        """Run one unit in a transaction, again where writers got in each other's way. What is to be
        done `ahead` may be done for other units too, before this one runs."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self.writer.run(unit, ahead)
            except BusyError:
                if attempt == _ATTEMPTS:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS * attempt)
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Let go of the database."""
        await self.writer.close()
        await self.engine.close()
        await self.vault.wrapping.close()
