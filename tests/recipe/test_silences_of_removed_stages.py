"""A stage that is removed takes the lints with it that were silenced on it."""

import recipec

BASE = """\
apiVersion: recipec/v1
name: base
model: {uses: toys.model}
stages:
  - {id: small, uses: toys.drop, with: {amount: 0.5}}
  - {id: packed, uses: toys.pack}
silence:
  - {lint: channels-unaligned, stage: small, reason: a toy}
  - {lint: no-gpu, stage: packed, reason: a toy}
  - {lint: everywhere, reason: a toy}
"""
OVER = """\
apiVersion: recipec/v1
name: over
extends: base.yaml
stages:
  - {id: packed, remove: true}
"""


def silenced(folder, over=OVER):
    (folder / "base.yaml").write_text(BASE)
    (folder / "over.yaml").write_text(over)
    return [one.lint for one in recipec.load_recipe(folder / "over.yaml").spec.silence]


def test_those_of_other_stages_stay(tmp_path):
    assert silenced(tmp_path) == ["channels-unaligned", "everywhere"]


def test_all_stay_when_nothing_is_removed(tmp_path):
    changed = OVER.replace("remove: true", "needs: small")
    assert silenced(tmp_path, changed) == ["channels-unaligned", "no-gpu", "everywhere"]


def test_a_list_of_its_own_is_taken_as_it_is(tmp_path):
    own = OVER + "silence: [{lint: else, reason: a toy}]\n"
    assert silenced(tmp_path, own) == ["else"]
