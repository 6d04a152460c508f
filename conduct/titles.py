"""The holders of roles in running text, as a policy calls them: "the Chair of Governors or HET". Pure."""

from collections.abc import Iterable

from conduct.code import Pack

# From whoever decides down: the order in which somebody who needs an answer would ask.
ORDER = ("head", "chair", "trust", "senior", "office", "admin", "gate", "records", "sysadmin")
PLAIN = {
    "head": "the head",
    "chair": "the chair",
    "trust": "the trust",
    "senior": "a senior member of staff",
    "office": "the office",
    "admin": "whoever looks after letters and addresses",
    "gate": "reception",
    "records": "the records officer",
    "sysadmin": "a system administrator",
}


def listed(words: Iterable[str], joint: str) -> str:
    """ "a", "a or b", "a, b or c"."""
    found = list(words)
    return f" {joint} ".join(part for part in (", ".join(found[:-1]), *found[-1:]) if part)


def the(words: str) -> str:
    """With its article, unless a name of capitals comes first: HET, InMAT."""
    return words if any(letter.isupper() for letter in words.split()[0][1:]) else f"the {words}"


def whom(pack: Pack | None, roles: Iterable[str], *, besides: Iterable[str] = ()) -> str:
    """Any holder of these roles; `besides`: those that the one spoken to holds, where it takes another holder of it."""
    wanted, own = set(roles), set(besides)
    return listed([one(pack, role, another=role in own) for role in ORDER if role in wanted], "or")


def one(pack: Pack | None, role: str, *, another: bool = False) -> str:
    """The holder of a role with an article, or another one."""
    title = pack.titles.get(role) if pack else None
    if not another:
        return the(title) if title else PLAIN[role]
    if title:
        return f"another {title}" if the(title) != title else f"somebody else at {title}"
    plain = PLAIN[role].removeprefix("the ").removeprefix("a ")
    return plain.replace("whoever", "somebody else who") if plain.startswith("whoever") else f"another {plain}"
