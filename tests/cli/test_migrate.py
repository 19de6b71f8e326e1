"""`recipec migrate`: what it prints, what it writes, and its exit codes."""

import pytest

OLD = """\
# mine
recipe: 1
stages:
  - use: toys.scale   # doubled
"""
NEW = """\
# mine
apiVersion: recipec/v1
name: old
stages:
  - id: scale
    uses: toys.scale   # doubled
"""
MODEL = "model: {uses: toys.model}\n"


@pytest.fixture
def file(recipec):
    path = recipec.folder / "old.yaml"
    path.write_text(OLD)
    return path


def test_it_shows_what_would_change_and_what_is_left(recipec, file):
    code, out, err = recipec("migrate", "old.yaml")
    assert code == 1
    assert out.splitlines()[:2] == ["--- old.yaml (v0)", "+++ old.yaml (recipec/v1)"]
    assert "+    uses: toys.scale   # doubled" in out
    assert file.read_text() == OLD
    assert err.startswith(
        "old.yaml: left to do by hand:\nold.yaml (rewritten):2:1: error[missing-key]"
    )
    assert "the recipe needs 'model'" in err


def test_it_writes_and_then_the_recipe_compiles(recipec, file):
    file.write_text(OLD + MODEL)
    assert recipec("migrate", "--write", "old.yaml") == (0, "old.yaml: v0 → recipec/v1\n", "")
    assert file.read_text() == NEW + MODEL
    assert recipec("compile", "old.yaml", "--dry-run")[0] == 0
    assert recipec("migrate", "--write", "old.yaml") == (0, "old.yaml: current already\n", "")


def test_what_is_left_is_told_in_the_written_file(recipec, file):
    code, _, err = recipec("migrate", "--write", "old.yaml")
    assert code == 1
    assert file.read_text() == NEW
    assert "old.yaml:2:1: error[missing-key]" in err


def test_operators_that_are_gone_are_told_at_their_places(recipec, file):
    file.write_text(OLD.replace("toys.scale", "toys.scael"))
    _, _, err = recipec("migrate", "old.yaml")
    assert (
        "old.yaml (rewritten):6:11: error[unknown-operator]: no plugin offers 'toys.scael'" in err
    )
    assert "hint: did you mean 'toys.scale'?" in err


def test_it_can_check(recipec, file):
    code, out, _ = recipec("migrate", "--check", "recipe.yaml", "old.yaml")
    assert code == 1
    assert out.splitlines() == [
        "recipe.yaml: current already",
        "old.yaml: v0; `recipec migrate --write old.yaml` changes it",
    ]
    assert recipec("migrate", "--check", "recipe.yaml")[0] == 0
    assert file.read_text() == OLD


def test_mark_permissions_and_link_stay(recipec, file):
    file.write_bytes(b"\xef\xbb\xbf" + (OLD + MODEL).encode())
    file.chmod(0o640)
    link = recipec.folder / "link.yaml"
    link.symlink_to("old.yaml")
    assert recipec("migrate", "--write", "link.yaml")[0] == 0
    assert link.is_symlink()
    assert file.read_bytes().startswith("\ufeff# mine\napiVersion".encode())
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_file_that_is_not_there_and_options_that_contradict_exit_2(recipec):
    assert recipec("migrate", "none.yaml")[0] == 2
    assert recipec("migrate", "--write", "--check", "recipe.yaml")[0] == 2


def test_a_recipe_of_an_unknown_version_exits_1(recipec, file):
    file.write_text("apiVersion: recipec/v7\n")
    code, _, err = recipec("migrate", "old.yaml")
    assert code == 1
    assert "error[api-version]" in err
