"""A folder to install plugins in."""

import pytest

from installed_plugins import Site


@pytest.fixture
def site(tmp_path, monkeypatch):
    return Site(tmp_path / "site", monkeypatch)
