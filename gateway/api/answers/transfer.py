"""An answer that is made while it leaves, one of so many at a time.

Rule    What it holds (its place among those on their way) is let go however it ends.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class Transfer(StreamingResponse):
    """A file on its way out."""

    def __init__(
        self,
        lines: AsyncIterator[bytes],
        media_type: str,
        headers: Mapping[str, str],
        held: ExitStack,
    ) -> None:
        super().__init__(lines, media_type=media_type, headers=headers)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        with self._held:
            await super().__call__(scope, receive, send)
