"""Where this deployment's keys are: its key file, and who wraps the data keys.

In      The settings.
Out     The provider of the keys; what wraps data keys.
Errors  ConfigurationError, which says what to change.
Rule    Commands open a store with these and load nothing of the service.
"""

from pathlib import Path

from gateway.errors import ConfigurationError
from gateway.settings import Settings
from gateway.store.keyring.keys import FileKeyProvider, create_key_file
from gateway.store.keyring.wrapping import FileWrapping, Wrapping


def keys_of(settings: Settings) -> FileKeyProvider:
    """The deployment's keys; a development one makes its own when there are none."""
    path = Path(settings.key_file)
    if not path.exists() and not settings.production:
        create_key_file(path, development=True)
    provider = FileKeyProvider.read(path)
    if provider.development and settings.production:
        raise ConfigurationError("GATEWAY_KEY_FILE was made for development")
    return provider


def wrapping_of(settings: Settings, keys: FileKeyProvider) -> Wrapping:
    """Where data keys are wrapped. Errors: ConfigurationError."""
    service = settings.key_service
    if service is None:
        return FileWrapping(keys)
    if settings.production and not service.url.startswith("https:"):
        raise ConfigurationError("GATEWAY_KEY_SERVICE: an https address in production")
    from gateway.store.keyring.vault_transit import Place, VaultTransit  # brings what speaks HTTP

    return VaultTransit(Place(**dict(service)), FileWrapping(keys))
