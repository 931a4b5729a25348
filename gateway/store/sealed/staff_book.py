"""Members of staff as people: which users a person is.

In      NHS numbers with the user ids they belong to, from a file that a deployment may name.
Out     The user ids of whoever has a number, by its keyed hash; of whoever has a user id; and
        the hashes of a user's own number.
Rule    Nobody works through their own record as staff. Who acts for others is somebody by their
        number, and is the same person at work. Numbers are kept in memory alone, hashed as
        stored ones are; a file that changes holds from the next start. User ids are in their one
        form (consent.users).
"""

from collections.abc import Iterable
from typing import Final

from consent.users import one_form
from gateway.store.keyring.keys import KeyedHasher
from mappings.core.shaping.identifiers import is_usable_nhs_number, normalised

_NOBODY: Final[frozenset[str]] = frozenset()


def proxy_by_number(hasher: KeyedHasher, number: str) -> str:
    """The user id of whoever acts for others and is named by this NHS number."""
    return hasher.keyed_uuid("proxy", normalised(number))


class StaffBook:
    """Users by the keyed hash of their own number."""

    def __init__(self, hasher: KeyedHasher) -> None:
        self._hasher = hasher
        self._users: dict[str, frozenset[str]] = {}
        self._newest: dict[str, frozenset[str]] = {}
        self._same: dict[str, frozenset[str]] = {}
        self._known = hasher.known

    def know(self, staff: Iterable[tuple[str, str]]) -> None:
        """Numbers with their users; a number that cannot be one is passed over."""
        for number, written in staff:
            user_id = one_form(written)
            if is_usable_nhs_number(number):
                hashes = self._hasher.keyed_hashes("nhs-number", normalised(number))
                for one in hashes:
                    self._users[one] = self._users.get(one, _NOBODY) | {user_id}
                self._newest[hashes[0]] = self._users[hashes[0]]
                same = self.ids_of(proxy_by_number(self._hasher, number)) | self.ids_of(user_id)
                self._same |= dict.fromkeys(same, same)
        self._known = self._hasher.known

    def users_of(self, hashes: Iterable[str]) -> frozenset[str]:
        """Which users a person with these numbers is."""
        self._know_anew()
        return _NOBODY.union(*(self._users.get(one, _NOBODY) for one in hashes))

    def hashes_of(self, user_id: str) -> list[str]:
        """The hashes of the number of whoever has this user id; none where it is not known."""
        self._know_anew()
        user_id = one_form(user_id)
        return [one for one, users in self._users.items() if user_id in users]

    def ids_of(self, user_id: str) -> frozenset[str]:
        """Every user id of the person who has this one, it among them."""
        user_id = one_form(user_id)
        return self._same.get(user_id, frozenset({user_id}))

    def is_one(self, user_id: str, other: str) -> bool:
        """Whether these are of one person, as far as is known."""
        return one_form(other) in self.ids_of(user_id)

    def _know_anew(self) -> None:
        """By the index keys that were added since, as well."""
        before, self._known = self._known, self._hasher.known
        again = self._hasher.again
        for one in range(before, self._known):
            self._newest = {again(was, one, one + 1): users for was, users in self._newest.items()}
            self._users |= self._newest
