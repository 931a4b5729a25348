"""The service knows the newest revision of its tables."""

from gateway.store.database import schema
from gateway.store.database.revision import REVISION


def test_the_revision_the_service_expects_is_the_newest_migration():
    assert schema.head() == REVISION
