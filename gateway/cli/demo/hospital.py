"""HL7 v2 messages, as a hospital's systems send them: admission, problem, goals, discharge.

In      People of the borough.
Out     The bytes of one message, or of a batch of many (FHS, BHS ... BTS, FTS).
Source  HL7 v2 chapters 2, 3 and 12; HL7 UK A.3 (ZU8, NHS numbers in PID-3).
Pure    Yes.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from gateway.cli.demo import places
from gateway.cli.demo.dice import Dice
from gateway.cli.demo.people import SEEN_ON, Person
from gateway.cli.demo.plans import ADMISSIONS, WISHES

_SENDER: Final = f"PAS|{places.HOSPITAL.code}|GATEWAY|BOROUGH"
_WARDS: Final = ("OAK", "ASH", "LIME", "ROWAN")
_CONSULTANTS: Final = (
    *("C9990001^Osei^Grace^^^Dr", "C9990002^Marchetti^Paolo^^^Mr"),
    *("C9990003^Hall^Josephine^^^Dr",),
)
NORMA_FELL: Final = SEEN_ON - timedelta(weeks=6)
_WISHES_AFTER: Final = ("walk", "breakfast", "bath", "garden")


def messages_about(person: Person, seed: int = 1) -> tuple[bytes, ...]:
    """What the hospital sent about one person, oldest first."""
    writer = _Writer(person, Dice("hospital", seed, person.number))
    return tuple(f"{message}\r".encode() for message in writer.written())


def batch_of(people: Iterable[Person], seed: int = 1) -> bytes:
    """One file of everything the hospital sent about these people."""
    messages = [message for one in people for message in messages_about(one, seed)]
    at = _stamp(SEEN_ON, "0200")
    head = f"FHS|^~\\&|{_SENDER}|{at}\rBHS|^~\\&|{_SENDER}|{at}\r"
    tail = f"BTS|{len(messages)}\rFTS|1\r"
    return head.encode() + b"".join(messages) + tail.encode()


class _Writer:
    """Writes the messages about one person's stay."""

    def __init__(self, person: Person, dice: Dice) -> None:
        self.person = person
        self.dice = dice
        is_norma = person.role == "norma"
        self.admitted = NORMA_FELL if is_norma else SEEN_ON - timedelta(days=20 + dice.below(300))
        self.left = self.admitted + timedelta(days=9 if is_norma else 1 + dice.below(12))
        self.code, self.words, self.specialty, self.service = (
            ADMISSIONS[0] if is_norma else dice.one_of(ADMISSIONS)
        )
        self.ward = dice.one_of(_WARDS)
        self.consultant = dice.one_of(_CONSULTANTS)

    def written(self) -> list[str]:
        """Admission, problem, goals of rehabilitation where there are any, discharge."""
        made = [self._admission(), self._problem()]
        if self.person.role == "norma" or self.person.age() >= 75:
            made.append(self._goals())
        return [*made, self._discharge()]

    def _message(self, kind: str, on: date, time: str, *segments: str) -> str:
        at = _stamp(on, time)
        control = f"{self.person.number:05}{on:%y%m%d}{time}"
        head = f"MSH|^~\\&|{_SENDER}|{at}||{kind}|{control}|P|2.4||||||UNICODE UTF-8"
        return "\r".join((head, *(segment for segment in segments if segment)))

    def _admission(self) -> str:
        at = _stamp(self.admitted, "1420")
        return self._message(
            "ADT^A01",
            self.admitted,
            "1420",
            _fields("EVN", {1: "A01", 2: at}),
            self._person(),
            self._next_of_kin(),
            self._visit(),
            self._allergy(),
            self._hidden(),
        )

    def _discharge(self) -> str:
        at = _stamp(self.left, "1115")
        return self._message(
            "ADT^A03",
            self.left,
            "1115",
            _fields("EVN", {1: "A03", 2: at}),
            self._person(),
            self._visit(left=at),
            _fields(
                "DG1",
                {
                    1: "1",
                    3: f"{self.code}^{self.words}^I10",
                    5: self._at(self.admitted),
                    6: "F",
                },
            ),
            self._hidden(),
        )

    def _problem(self) -> str:
        on = self.admitted + timedelta(days=1)
        problem = {
            1: "AD",
            2: self._at(on),
            3: f"{self.code}^{self.words}^I10",
            4: f"PR{self.person.number:05}^{places.HOSPITAL.code}",
            7: self._at(on),
            14: "Active",
            16: self._at(self.admitted),
        }
        return self._message(
            "PPR^PC1", on, "0930", self._person(), self._visit(), _fields("PRB", problem)
        )

    def _goals(self) -> str:
        """The therapists' goals, with the pathway they belong to."""
        on = self.admitted + timedelta(days=3)
        is_norma = self.person.role == "norma"
        chosen = _WISHES_AFTER[:2] if is_norma else self.dice.some_of(_WISHES_AFTER, 2)
        goals = [self._goal(number, name, on) for number, name in enumerate(chosen, 1)]
        return self._message("PGL^PC6", on, "1600", self._person(), self._visit(), *goals)

    def _goal(self, number: int, name: str, on: date) -> str:
        wish = WISHES[name]
        own = f"{self.person.number:05}-{number}^{places.HOSPITAL.code}"
        goal = {
            1: "AD",
            2: self._at(on),
            3: f"^{_escaped(wish.words)}",
            4: f"GO{own}",
            6: str(number),
            7: self._at(on),
            8: self._at(on + timedelta(weeks=6)),
            18: "Active",
        }
        pathway = {
            1: "AD",
            2: "^Rehabilitation after discharge",
            3: f"PT{self.person.number:05}^{places.HOSPITAL.code}",
            4: self._at(on),
            5: "Active",
        }
        note = _fields("NTE", {1: "1", 3: _escaped(wish.success)})
        return "\r".join((_fields("GOL", goal), note, _fields("PTH", pathway)))

    def _person(self) -> str:
        person = self.person
        born = person.born
        if person.dirt == "birth date":
            born = born.replace(day=1 if born.day != 1 else 2)
        home = f"{person.street}^^{person.town}^^{person.postcode}^^H"
        hidden = bool(person.sensitivity)
        return _fields(
            "PID",
            {
                1: "1",
                3: f"{person.number + 700_000}^^^{places.HOSPITAL.code}^MR"
                f"~{person.nhs_number}^^^NHS^NH",
                5: f"{person.family.upper()}^{person.given}^^^{person.title}^^L",
                7: f"{born:%Y%m%d}",
                8: "2" if person.gender == "female" else "1",
                11: "" if hidden else home,
                13: "" if hidden else f"{person.phone}^PRN^PH",
                32: "NSTS01",
            },
        )

    def _next_of_kin(self) -> str:
        if self.person.role != "norma":
            return ""
        name = f"{self.person.family.upper()}^Ruth"
        return _fields("NK1", {1: "1", 2: name, 3: "DAU^Daughter", 5: "020 7946 0099^PRN^PH"})

    def _visit(self, left: str = "") -> str:
        return _fields(
            "PV1",
            {
                1: "1",
                2: "I",
                3: f"{self.ward}^BAY{1 + self.person.number % 4}^{1 + self.person.number % 6}"
                f"^{places.HOSPITAL.code}",
                7: self.consultant,
                10: f"{self.specialty}^{self.service}",
                19: f"V{self.person.number:05}-{self.admitted:%y%m}",
                44: self._at(self.admitted),
                45: left,
            },
        )

    def _allergy(self) -> str:
        if self.person.role != "norma" and not self.dice.is_within(12):
            return ""
        return _fields("AL1", {1: "1", 2: "DA", 3: "^Penicillin", 4: "MO", 5: "Rash"})

    def _hidden(self) -> str:
        """ZU8-4: the demographics service hides where the person is."""
        return _fields("ZU8", {4: "2"}) if self.person.sensitivity else ""

    def _at(self, on: date) -> str:
        return _stamp(on, "1000")


def _stamp(on: date, time: str) -> str:
    return f"{on:%Y%m%d}{time}00"


def _fields(name: str, values: Mapping[int, str]) -> str:
    filled = {number: value for number, value in values.items() if value}
    last = max(filled, default=0)
    return "|".join((name, *(filled.get(number, "") for number in range(1, last + 1))))


def _escaped(text: str) -> str:
    for mark, letter in (("\\", "E"), ("|", "F"), ("^", "S"), ("&", "T"), ("~", "R")):
        text = text.replace(mark, f"\\{letter}\\")
    return text
