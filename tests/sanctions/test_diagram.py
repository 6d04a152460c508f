from pathlib import Path

import pytest

from sanctions import diagram
from sanctions.ladder import MEASURES

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.mark.parametrize("response", ["site_ban", "communication_plan"])
def test_the_diagram_in_the_readme_is_the_one_that_the_table_draws(response):
    text = README.read_text(encoding="utf-8")
    shown = text.split(f"<!-- ladder {response} -->")[1].split("<!-- /ladder -->")[0]
    assert shown == f"\n```mermaid\n{diagram.mermaid(response)}\n```\n"


@pytest.mark.parametrize("response", MEASURES)
def test_every_response_has_a_way_from_its_proposal(response):
    arrows = {(source, target) for source, target, _ in diagram.arrows(response)}
    assert ("proposed", "decided") in arrows
