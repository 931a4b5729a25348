"""Signed checkpoints at the command line: made with the key file, read with its public keys."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import typer

from gateway.audit.checkpoint import CheckpointError, Verifier, verify_by
from gateway.cli.opening import read_keys
from gateway.flows.asking import search_log
from gateway.flows.audit import publish_log
from gateway.settings import Settings
from gateway.store.commit.units import Store


async def signed_now(settings: Settings, store: Store) -> str:
    """A note over the log as it stands."""
    origin = search_log.origin(settings.base_url)
    return (await publish_log.signed(store, origin, store.vault.now())).note


def verifier_keys() -> list[str]:
    """The public keys of every log-signing key of the key file, the current one last."""
    return [verifier.to_line() for verifier in _own_verifiers()]


def witnessed(notes: Iterable[Path], keys: Sequence[str]) -> dict[int, bytes]:
    """Size -> root of checkpoints somebody kept: files, or all of a folder. Errors:
    CheckpointError; typer.BadParameter for a folder that holds none."""
    paths = [file for path in notes for file in _files(path)]
    if not paths:
        return {}
    verifiers = [Verifier.from_line(key) for key in keys] or _own_verifiers()
    found = [verify_by(verifiers, path.read_text(encoding="utf-8")) for path in paths]
    roots: dict[int, bytes] = {}
    for one in found:
        if roots.setdefault(one.size, one.root) != one.root:
            said = f"the log was forked: two checkpoints of {one.size} entries have different roots"
            raise CheckpointError(said)
    return {size: root for size, root in roots.items() if size}


def _files(path: Path) -> list[Path]:
    found = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    if not found:
        raise typer.BadParameter("--checkpoint: a folder without a checkpoint (*.txt)")
    return found


def _own_verifiers() -> list[Verifier]:
    settings = Settings()
    name = search_log.origin(settings.base_url)
    return [key.verifier(name) for key in read_keys(settings).log_public_keys]
