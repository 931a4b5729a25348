"""What a command loads before it works: nothing of the service."""

import subprocess
import sys

from tests.integration.taking import upgraded

_OPEN = """
import sys
from gateway.cli.ingesting import ingest_all
from gateway.cli.opening import with_store

async def nothing(settings, store):
    return settings.database_url

assert with_store(nothing).startswith("sqlite:")
print(*{name.partition(".")[0] for name in sys.modules})
"""
_OF_THE_SERVICE = {"fastapi", "starlette", "uvicorn", "httpx"}


def test_a_command_opens_the_store_without_the_service(tmp_path, monkeypatch):
    url = upgraded(f"sqlite:///{tmp_path}/gateway.db")
    monkeypatch.setenv("GATEWAY_DATABASE_URL", url)
    monkeypatch.setenv("GATEWAY_KEY_FILE", str(tmp_path / "keys.json"))
    done = subprocess.run(
        [sys.executable, "-c", _OPEN], check=True, capture_output=True, text=True, timeout=120
    )
    assert "gateway" in done.stdout.split()
    assert set(done.stdout.split()) & _OF_THE_SERVICE == set()
