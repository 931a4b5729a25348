"""`care-gateway mllp` as a process of its own, on a free port of this machine."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

from tests.integration.taking import provider, upgraded

_SECONDS = 120
BIN = Path(sys.executable).parent


class Listening:
    """The command, running; its log is a file."""

    def __init__(self, url: str, folder: Path) -> None:
        upgraded(url)
        provider(folder)
        self._url, self._folder = url, folder
        self.log = folder / "mllp.log"
        self.port = 0
        self.process = self._started()

    def stop(self) -> int:
        """Tell it to end; its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=_SECONDS)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait(timeout=_SECONDS)

    def restart(self) -> None:
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        source = {"system": "pas-tie", "org": "RAX"}
        listener = {"host": "127.0.0.1", "port": 0, "sources": [source]}
        env = {
            "GATEWAY_DATABASE_URL": self._url,
            "GATEWAY_KEY_FILE": str(self._folder / "keys.json"),
            "GATEWAY_MLLP__LISTENERS": json.dumps([listener]),
        }
        command = (str(BIN / "care-gateway"), "mllp")
        self.log.write_bytes(b"")
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, env=env, cwd=self._folder, stdout=log, stderr=log)
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and process.poll() is None:
            found = re.search(r"listening on 127\.0\.0\.1:(\d+)", self.log.read_text())
            if found:
                self.port = int(found[1])
                return process
            time.sleep(0.05)
        process.kill()
        raise AssertionError(self.log.read_text()[-2000:])
