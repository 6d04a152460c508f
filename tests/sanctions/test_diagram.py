from pathlib import Path

from sanctions import diagram

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_diagram_in_the_readme_is_the_one_that_the_table_draws():
    text = README.read_text(encoding="utf-8")
    shown = text.split("<!-- ladder -->")[1].split("<!-- /ladder -->")[0]
    assert shown == f"\n```mermaid\n{diagram.mermaid('site_ban')}\n```\n"
