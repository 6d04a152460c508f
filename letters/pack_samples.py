"""Sample facts of the packs of documents, all names invented."""

from typing import Any

PACK: dict[str, Any] = {
    "recipient_name": "Hampshire and Isle of Wight Constabulary",
    "salutation": "Sir or Madam",
    "recipient_address": ["Tower Street", "Winchester", "SO23 8ZD"],
    "recipient_email": "",
    "pupils": [],
    "case_reference": "ASH-C-2026-0007",
    "about": [
        {"name": "Name", "value": "Alex Marlow"},
        {"name": "Relation to the school", "value": "Parent"},
        {"name": "Children at the school", "value": "Robin, Year 4"},
    ],
    "chronology": [
        {
            "on": "2026-03-02",
            "what": "Incident ASH-I-2026-0011: on the school site, logged as possibly criminal",
            "told": "Alex Marlow leaned over the counter and said that he would be waiting outside.\nLogged by Olive Trent "
            "(Office).",
        },
        {
            "on": "2026-03-03",
            "what": "Account of a witness, ASH-I-2026-0011",
            "told": "I heard him shout from the hall.\nRecorded by Sena Whitlock (Senior staff).",
        },
    ],
    "clauses": [
        {"id": "U05", "wording": "Threatening any member of the school community", "stands": "Alleged"},
    ],
    "evidence_words": "The school keeps each file as it came. Its fingerprint shows that a copy is the same.",
    "evidence": [
        {
            "number": "E1",
            "what": "The hall, from the camera above the door",
            "sort": "Film",
            "incident": "ASH-I-2026-0011",
            "on": "2026-03-02",
            "by": "Olive Trent (Office)",
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        }
    ],
    "measures_words": "On Monday 2 March 2026:",
    "measures": [
        {"name": "Ban from the site", "term": "from Monday 2 March 2026", "terms": "The whole site."},
    ],
    "enclosed_words": "No letter is enclosed.",
    "enclosed": [],
    "names_words": "Staff are named with their office. Witnesses stand by their initials. Nobody else is named.",
    "left_out": [
        {"what": "The names of witnesses", "why": "They stand by their initials. The school has the names."},
        {"what": "Records of injuries, of health and of needs", "why": "Health data: to be asked for separately."},
    ],
}
REVIEW: dict[str, Any] = {
    **PACK,
    "recipient_name": "For the review",
    "recipient_address": [],
    "dates": [{"name": "Review by", "value": "Friday 8 May 2026"}, {"name": "Last day", "value": "Friday 22 May 2026"}],
    "views_words": "In their own words, with our answers.",
    "views": [
        {
            "on": "2026-03-18",
            "what": "The person replied",
            "told": "I was provoked.\nRecorded by Olive Trent (Office).",
        },
    ],
    "since": "Nothing further has been recorded since Thursday 19 March 2026.",
    "fairness": [
        {"asks": "Lesser responses were weighed", "verdict": "Met", "how": "Weighed, 2 Mar 2026, Olive Trent."},
    ],
}
OF_KIND: dict[str, dict[str, Any]] = {
    "police_referral": PACK,
    "trust_referral": {**PACK, "recipient_name": "Northway Learning Trust", "recipient_address": []},
    "legal_referral": {**PACK, "recipient_name": "Marsh and Lyle Solicitors", "recipient_address": []},
    "review_pack": REVIEW,
}
