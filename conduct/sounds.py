"""How a name sounds to an English ear, as a short code: names with a code in common may be the same when heard.

The code keeps the consonants in their order, and of the vowels only that the name begins with one. It is made for names
in English schools: besides English spelling it knows how Polish, Irish and South Asian names are often written down.
"""

import re

# In this order; what a rule has made is not seen by one before it. Capitals are sounds: X as in ship, C as in chip.
RULES = [
    (r"^(kn|gn|pn)", "n"),
    (r"^wr", "r"),
    (r"^(wh)", "w"),
    (r"^ps", "s"),
    (r"^x", "s"),
    (r"chr", "kr"),
    (r"^(mac|mc|mag)(?=[^aeiouy])", "mk"),
    (r"szcz", "XC"),
    (r"(sch|sh|sz|sci)", "X"),
    (r"(tch|cz|ch)", "C"),
    (r"(tion|cion)", "Xn"),
    (r"dg(?=[eiy])", "j"),
    (r"dzi|dz|dj", "j"),
    (r"ph", "f"),
    (r"bh", "b"),
    (r"dh", "d"),
    (r"kh", "k"),
    (r"th", "t"),
    (r"rz", "z"),
    (r"gh$", ""),
    (r"gh(?=t)", ""),
    (r"gh", "g"),
    (r"ck|q", "k"),
    (r"c(?=[eiy])", "s"),
    (r"c", "k"),
    (r"x", "ks"),
    (r"z", "s"),
    (r"v", "f"),
    (r"dt", "t"),
]
LONGEST = 8


def codes(word: str) -> set[str]:
    """The codes of a folded word: most have one; what English spelling leaves open gives a second."""
    found = {code(word)}
    if re.search(r"g[eiy]", word):  # Gillian, Jillian
        found.add(code(re.sub(r"g(?=[eiy])", "j", word)))
    if re.search(r"(?<=.)w(?=[aeiouys])", word):  # Kowalski, Kovalsky
        found.add(code(re.sub(r"(?<=.)w(?=[aeiouys])", "v", word)))
    if re.search(r"^y", word):  # Yusuf, Jusuf
        found.add(code("j" + word[1:]))
    return {c for c in found if c}


def code(word: str) -> str:
    """One code of a word."""
    sound = word
    for pattern, plain in RULES:
        sound = re.sub(pattern, plain, sound)
    sound = re.sub(r"(.)\1+", r"\1", sound)
    begins = "a" if sound[:1] and sound[0] in "aeiou" else sound[:1]
    rest = re.sub(r"(?<=a)h(?=[^aeiouyh])", "H", sound)[1:]  # Mahmood is not Mohammed
    return (begins + re.sub(r"[aeiouyhw]", "", rest))[:LONGEST]
