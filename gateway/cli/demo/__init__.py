"""The demo: a synthetic borough on the embedded store, and a walk through what it shows.

In      Settings, how many people, a port.
Out     The walk-through on stdout, as text or JSON; progress on stderr. Without `once` the
        gateway goes on until it is interrupted.
Errors  Exit code 1 where a step failed, or did not show what it must; it says which.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gateway.settings import Settings

PEOPLE: Final = 200


def run(
    settings: "Settings", *, once: bool, as_json: bool, people: int = PEOPLE, port: int = 0
) -> int:
    """The demo; the exit code. The service is loaded only here: people and messages need none."""
    from gateway.cli.demo.performing import perform

    return perform(settings, once=once, as_json=as_json, people=people, port=port)
