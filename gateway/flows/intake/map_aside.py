"""A long file is mapped in a process of its own, while this one writes what is mapped already.

In      What is asked: the feed's name, the body and its media type, when it came, how large it
        may unpack; how many items are mapped here meanwhile, how many come at a time.
Out     The rest of its items, mapped.
Errors  RuntimeError where the process ended early: what was not answered is taken up again.
Rule    The body goes in and items come out through pipes: nothing of a person stands in an
        argument or a file. Where nobody listens any more, the process ends.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from threading import Thread
from typing import IO, Final, cast

from gateway import logs
from gateway.flows.intake.map_items import MappedItem, mapped
from gateway.flows.intake.recognise import recognised
from gateway.flows.intake.unpack import members_of
from mappings.core.model.rows import Feed
from mappings.registry import FEEDS

_COMMAND: Final = (sys.executable, "-P", "-m", "gateway.flows.intake.map_aside")


@dataclass(frozen=True, slots=True)
class Asked:
    """What another process is asked to map."""

    feed: str
    body: bytes
    media_type: str
    at: datetime
    largest: int
    """How many bytes the body may unpack to."""
    after: int
    """So many of its items are mapped here: what follows them is asked for."""
    batch: int


def is_known_aside(feed: Feed) -> bool:
    """Whether another process would know the feed, which it is told by name."""
    return FEEDS.get(feed.name) is feed


@contextmanager
def mapped_aside(asked: Asked) -> Iterator[Iterator[MappedItem]]:
    """What follows the first items, as it comes. The process starts and ends with the context."""
    with subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        asking, answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        Thread(target=_tell, args=(asking, asked), daemon=True).start()
        try:
            yield _heard(answers)
        finally:
            process.kill()


def _tell(pipe: IO[bytes], asked: Asked) -> None:
    with suppress(BrokenPipeError), pipe:
        pickle.dump(asked, pipe, pickle.HIGHEST_PROTOCOL)


def _heard(pipe: IO[bytes]) -> Iterator[MappedItem]:
    try:
        while batch := pickle.load(pipe):  # noqa: S301 - of a process of our own
            yield from batch
    except EOFError:
        raise RuntimeError("the process that maps a long file ended early") from None


def _answer(asked: Asked, pipe: IO[bytes]) -> None:
    """Map what is asked for; after the last batch, an empty one."""
    feed = FEEDS[asked.feed]
    contents = recognised(feed, members_of(asked.body, asked.largest), asked.media_type)
    items = mapped(feed, contents, asked.at, asked.after)
    batch = None
    while batch != []:
        batch = list(islice(items, asked.batch))
        pickle.dump(batch, pipe, pickle.HIGHEST_PROTOCOL)
        pipe.flush()


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked ends it
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a word to the terminal is no answer
    logs.configure()
    with suppress(BrokenPipeError, EOFError, pickle.UnpicklingError):  # nobody asks any more
        _answer(pickle.load(sys.stdin.buffer), answers)  # noqa: S301 - of a process of our own


if __name__ == "__main__":
    _main()
