"""The service knows the newest revision of its tables."""

from gateway.store import schema
from gateway.store.revision import REVISION


def test_the_revision_the_service_expects_is_the_newest_migration():
    assert schema.head() == REVISION
