"""The service in a process that is started in a moment: forked from one that has it imported.

python -m tests.integration.forked     a line in: a new process that serves; its number out
"""

import os
import signal
import sys
from importlib import import_module


def main() -> None:
    """Fork a serving process for each line."""
    from gateway.cli import app
    from gateway.settings import Settings
    from gateway.store.database import schema

    schema.current(Settings().database_url)  # what takes long is done once, before the first fork
    import_module("gateway.main")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            app(["serve"])
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
