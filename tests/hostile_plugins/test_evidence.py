"""The page about these plugins has all of them, and names the tests that are there."""

import re
from pathlib import Path


def test_the_page_has_every_plugin_and_its_test(pytestconfig):
    page = (pytestconfig.rootpath / "docs" / "evidence" / "hostile-plugins.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    here = Path(__file__).parent
    known = {"__init__", "conftest", "change"}
    plugins = {p.stem for p in here.glob("*.py") if not p.stem.startswith("test_")} - known
    assert told == plugins
    assert all((here / f"{row.split('|')[4].strip()}.py").is_file() for row in rows)
