"""What people of the borough want, need and are helped with (data table).

Out     Goals in the person's own words with measures and targets; needs; actions; safety
        instructions; long-term conditions as a GP writes them.
Source  Support plan document 1 for the words of `aim`, `outcome`; SNOMED CT codes of the
        International Edition; invented texts.
Pure    Data alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Wish:
    """A goal, the need behind it, how it is measured, and what is done for it."""

    words: str
    need: str
    outcome: str
    """Care Act outcome; empty where it is none of the ten."""
    aim: str
    measure: str
    unit: str
    baseline: float
    target: float
    action: str
    when: str
    success: str


WISHES: Final[Mapping[str, Wish]] = {
    "walk": Wish(
        "I want to walk to the corner shop and back on my own.",
        "I am unsteady since I fell in the kitchen.",
        "home-safety",
        "regain",
        *("Distance walked outdoors", "metres", 60, 400),
        "Walk outdoors together",
        "mornings, 30 minutes, Monday to Friday",
        "I buy my own newspaper.",
    ),
    "breakfast": Wish(
        "I want to make my own breakfast.",
        "I cannot stand at the cooker for long.",
        "nutrition",
        "regain",
        *("Breakfasts made alone", "per week", 0, 5),
        "Breakfast practice with a perching stool",
        "mornings",
        "Toast and tea by eight, without help.",
    ),
    "friends": Wish(
        "I want to see my friends on Thursdays again.",
        "I do not get out as I did.",
        "relationships",
        "maintain",
        *("Visits to the lunch club", "per month", 0, 4),
        "A lift to the lunch club, and someone at the door",
        "Thursdays at noon",
        "I am at my table on Thursdays.",
    ),
    "bath": Wish(
        "I want a bath, not a wash at the basin.",
        "I cannot get into the bath safely.",
        "personal-hygiene",
        "regain",
        *("Baths taken", "per week", 0, 2),
        "Bath board fitted, and practice with it",
        "Tuesdays and Fridays",
        "I feel clean and safe.",
    ),
    "garden": Wish(
        "I want to keep my garden going.",
        "I get out of breath when I bend.",
        "habitable-home",
        "slow loss",
        *("Time in the garden", "minutes per day", 10, 30),
        "Raised bed, and a seat beside it",
        "when it is dry",
        "Tomatoes in July.",
    ),
    "medicines": Wish(
        "I want to manage my own tablets.",
        "I lose track of what I have taken.",
        "home-safety",
        "maintain",
        *("Doses missed", "per week", 6, 1),
        "Weekly box, and a look at it on each visit",
        "evenings, 15 minutes",
        "Nobody has to remind me.",
    ),
    "bus": Wish(
        "I want to take the bus to the library.",
        "I am anxious on my own in the street.",
        "community",
        "regain",
        *("Bus journeys made", "per month", 0, 4),
        "Travel practice with a volunteer",
        "once a week",
        "A library card with stamps on it.",
    ),
    "choir": Wish(
        "I want to sing in the choir again.",
        "I have lost my confidence since I was ill.",
        "work-education",
        "regain",
        *("Rehearsals attended", "per month", 0, 4),
        "Introduce to the choir leader, go along twice",
        "Mondays at seven",
        "I sing at the spring concert.",
    ),
    "sleep": Wish(
        "I want to sleep through the night.",
        "I lie awake and worry.",
        "",
        "comfort",
        *("Nights slept through", "per week", 1, 5),
        "Evening routine, written down together",
        "every evening",
        "I wake up rested.",
    ),
    "grandson": Wish(
        "I want to look after my grandson on Saturdays.",
        "I tire quickly, and cannot lift him.",
        "caring-for-child",
        "maintain",
        *("Saturdays together", "per month", 1, 4),
        "Plan the day in short parts, with a rest",
        "Saturdays",
        "We go to the ducks together.",
    ),
}


@dataclass(frozen=True, slots=True)
class LongTerm:
    """A condition as a practice codes it, with a usual medicine."""

    code: str
    words: str
    medicine: tuple[str, str, str] = ("", "", "")
    """Code, name, dose."""
    sensitivity: str = ""
    """HL7 ActCode that the practice sends with it."""
    is_major: bool = True


CONDITIONS: Final[Mapping[str, LongTerm]] = {
    "hypertension": LongTerm(
        "38341003",
        "Hypertensive disorder",
        ("386864001", "Amlodipine 5mg tablets", "One to be taken each day"),
    ),
    "diabetes": LongTerm(
        "44054006",
        "Diabetes mellitus type 2",
        ("372567009", "Metformin 500mg tablets", "One to be taken twice a day with food"),
    ),
    "copd": LongTerm(
        "13645005",
        "Chronic obstructive lung disease",
        ("409169002", "Tiotropium 18microgram inhalation", "One puff each morning"),
    ),
    "heart failure": LongTerm(
        "84114007",
        "Heart failure",
        ("387475002", "Furosemide 40mg tablets", "One to be taken each morning"),
    ),
    "osteoarthritis": LongTerm(
        "396275006",
        "Osteoarthritis",
        ("387517004", "Paracetamol 500mg tablets", "Two up to four times a day"),
    ),
    "osteoporosis": LongTerm(
        "64859006",
        "Osteoporosis",
        ("391730008", "Alendronic acid 70mg tablets", "One a week, upright, with water"),
    ),
    "dementia": LongTerm("52448006", "Dementia"),
    "stroke": LongTerm(
        "230690007",
        "Cerebrovascular accident",
        ("386952008", "Clopidogrel 75mg tablets", "One to be taken each day"),
    ),
    "kidney disease": LongTerm("709044004", "Chronic kidney disease"),
    "asthma": LongTerm(
        "195967001",
        "Asthma",
        ("372897005", "Salbutamol 100micrograms inhaler", "Two puffs when needed"),
        is_major=False,
    ),
    "anxiety": LongTerm("48694002", "Anxiety", is_major=False),
    "depression": LongTerm(
        "35489007",
        "Depressive disorder",
        ("372594008", "Sertraline 50mg tablets", "One to be taken each day"),
        sensitivity="PSY",
    ),
    "hiv": LongTerm("86406008", "Human immunodeficiency virus infection", sensitivity="HIV"),
}

SAFETY: Final = (
    ("falls", "Walk beside them on the left; frame indoors only."),
    ("moving", "Two people for the hoist; never lift."),
    ("swallowing", "Thickened drinks, sitting upright."),
    ("visiting", "Ring first; the dog is loose in the hall."),
    ("communication", "Speak to the right ear, and wait for the answer."),
)

ADMISSIONS: Final = (
    ("S52.5", "Fracture of lower end of radius", "110", "Trauma and orthopaedics"),
    ("J44.1", "Chronic obstructive pulmonary disease with exacerbation", "340", "Respiratory"),
    ("I50.0", "Congestive heart failure", "320", "Cardiology"),
    ("N39.0", "Urinary tract infection", "300", "General medicine"),
    ("J18.9", "Pneumonia", "300", "General medicine"),
    ("S72.0", "Fracture of neck of femur", "110", "Trauma and orthopaedics"),
)
"""ICD-10 code and words, main specialty and its name."""
