"""What was run and how far it came, written into docs/proof.md between its marks."""

from datetime import date
from pathlib import Path

PROOF = Path(__file__).resolve().parents[2] / "docs" / "proof.md"


def put(section: str, lines: list[str]) -> None:
    """Replace a section of the report."""
    begins, ends = f"<!-- {section} -->", f"<!-- /{section} -->"
    before, rest = PROOF.read_text(encoding="utf-8").split(begins)
    _, after = rest.split(ends)
    PROOF.write_text(f"{before}{begins}\n{chr(10).join(lines)}\n{ends}{after}", encoding="utf-8")


def today() -> str:
    day = date.today()
    return f"{day.day} {day:%B %Y}"
