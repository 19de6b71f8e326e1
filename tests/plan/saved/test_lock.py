"""A recipe's lock: what it holds, and what `--locked` refuses."""

import json

import pytest

import recipec
from recipec.api import Requirement
from toys.bench import TOY_RECIPE
from toys.operators import Drop

FILES = TOY_RECIPE.replace(
    "train: {uses: toys.numbers}", "train: {uses: toys.numbers, with: {file: n.json}}"
).replace("uses: toys.model", "uses: toys.model, with: {code: 'mine.py:f'}")


class LockDesk:
    """Locks a recipe in its folder, and compiles it with its lock."""

    def __init__(self, desk):
        self.desk, self.folder = desk, desk.folder

    def lock(self, text):
        return recipec.lock_recipe(self.desk.compile(text))

    def compile(self, text):
        recipe = recipec.load_recipe(self.desk.write(text))
        options = {"catalog": self.desk.catalog, "store": self.folder / "store"}
        return recipec.compile_locked(recipe, **options)

    def refused(self, text=None):
        """Give what compiling the recipe with its lock says."""
        text = (self.folder / "recipe.yaml").read_text() if text is None else text
        with pytest.raises(recipec.RecipecError) as caught:
            self.compile(text)
        return list(map(self._said, caught.value.diagnostics))

    def stale(self):
        """Give what `recipec lock --check` says."""
        with pytest.raises(recipec.RecipeError) as caught:
            recipec.check_recipe_lock(self.desk.compile((self.folder / "recipe.yaml").read_text()))
        return list(map(self._said, caught.value.diagnostics))

    def _said(self, diagnostic):
        at = f":{diagnostic.span.line}" if diagnostic.span else ""
        said = f"{diagnostic.code}{at}: {diagnostic.message}; {diagnostic.hint}"
        return said.replace(f"{self.folder}/", "")


@pytest.fixture
def locked(desk, fake_catalog):
    desk.catalog = fake_catalog("recipec-toys", "1.0")
    (desk.folder / "n.json").write_text("[1, 2, 3]")
    (desk.folder / "mine.py").write_text("def f(): return 1\n")
    return LockDesk(desk)


def test_a_lock_is_made_to_be_compared_line_by_line(locked, monkeypatch):
    monkeypatch.setattr(Drop, "requires", (Requirement("python:numberlib>=1"),))
    monkeypatch.setattr("recipec.plan.machine.installed_version", {"numberlib": "1.0"}.get)
    path = locked.lock(FILES)
    assert path.name == "recipe.lock.json"
    text = path.read_text()
    lock = json.loads(text)
    digests = lock.pop("files")
    assert sorted(digests) == ["mine.py", "n.json"]
    assert all(len(digest) == 64 for digest in digests.values())
    assert lock == {
        "format": "recipec.lock/v1",
        "recipe": "toy",
        "recipec": recipec.__version__,
        "plugins": {"toys": "recipec-toys 1.0"},
        "packages": {"numberlib": "1.0"},
        "code": {},
    }
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert text.endswith("}\n")
    assert locked.lock(FILES).read_text() == text


def test_installed_code_is_locked_by_its_distribution(locked):
    text = TOY_RECIPE.replace("uses: toys.model", "uses: toys.model, with: {code: 'click:echo'}")
    lock = json.loads(locked.lock(text).read_text())
    from importlib.metadata import version

    assert lock["code"] == {"click": f"click {version('click')}"}


def test_what_is_locked_compiles(locked):
    locked.lock(FILES)
    assert locked.compile(FILES).plan == locked.desk.compile(FILES).plan


def test_the_recipe_s_own_text_may_change(locked):
    locked.lock(FILES)
    assert locked.compile(FILES.replace("amount: 0.5", "amount: 0.25") + "seed: 8\n")
    assert locked.compile(
        FILES.replace(
            "train: {uses: toys.numbers, with: {file: n.json}}", "train: {uses: toys.numbers}"
        )
    )


def test_other_bytes_of_data_and_of_code(locked):
    locked.lock(FILES)
    (locked.folder / "n.json").write_text("[1]")
    (locked.folder / "mine.py").write_text("def f(): return 2\n")
    code, data = sorted(locked.refused())
    accept = "or accept it with `recipec lock recipe.yaml`"
    back = f"since it was locked; bring back the file that was locked, {accept}"
    assert code.startswith("locked:3: file mine.py sha256:")
    assert data.startswith("locked:5: file n.json sha256:")
    assert code.endswith(back)
    assert data.endswith(back)


def test_another_version_of_a_package_and_of_a_plugin(locked, monkeypatch, fake_catalog):
    versions = {"numberlib": "1.0"}
    monkeypatch.setattr(Drop, "requires", (Requirement("python:numberlib>=1"),))
    monkeypatch.setattr("recipec.plan.machine.installed_version", versions.get)
    locked.lock(FILES)
    versions["numberlib"] = "1.1"
    locked.desk.catalog = fake_catalog("recipec-toys", "1.1")
    accept = "or accept it with `recipec lock recipe.yaml`"
    assert locked.refused() == [
        "locked:5: plugin toys recipec-toys 1.0 → recipec-toys 1.1 since it was locked; "
        f"pip install 'recipec-toys==1.0', {accept}",
        "locked:11: package numberlib 1.0 → 1.1 since it was locked; "
        f"pip install 'numberlib==1.0', {accept}",
    ]
    versions.pop("numberlib")
    assert "numberlib 1.0 → not installed since it was locked" in locked.refused()[1]


def test_another_version_of_recipec(locked, monkeypatch):
    locked.lock(FILES)
    monkeypatch.setattr("recipec.plan.saved.pins.installed_version", lambda name: "9")
    (said,) = locked.refused()
    assert said.startswith(f"locked:1: recipec {recipec.__version__} → 9 since it was locked")


def test_what_the_lock_doesn_t_hold_is_refused(locked):
    locked.lock(TOY_RECIPE)
    assert [said.partition(" (here")[0] for said in locked.refused(FILES)] == [
        "not-locked:3: file mine.py is not in recipe.lock.json",
        "not-locked:5: file n.json is not in recipe.lock.json",
    ]


def test_a_package_that_only_a_plan_asks_for(locked, monkeypatch):
    plan = Drop.plan
    locked.lock(FILES)
    more = (Requirement("python:numberlib"),)
    monkeypatch.setattr(Drop, "plan", lambda *a: plan(*a)._replace(requires=more))
    monkeypatch.setattr("recipec.plan.machine.installed_version", {"numberlib": "1.0"}.get)
    assert locked.refused() == [
        "not-locked:11: package numberlib is not in recipe.lock.json (here: 1.0); "
        "lock it with `recipec lock recipe.yaml`"
    ]


def test_drifted_code_is_refused_before_it_is_imported(locked, monkeypatch):
    """A plan that looks at the model would import it."""
    locked.lock(FILES)
    (locked.folder / "mine.py").write_text("raise SystemExit('imported')\ndef f(): return 2\n")
    from toys.operators import ToyModel

    def look(self, inputs, context):
        context.inspect("toys.operators:facts", {"numbers": 8}, code=self.with_.code)

    monkeypatch.setattr(ToyModel, "plan", look)
    (said,) = locked.refused()
    assert said.startswith("locked:3: file mine.py")


def test_no_lock(locked):
    assert locked.refused(FILES) == [
        "bad-lock: recipe.lock.json can't be read: No such file or directory; "
        "make it with `recipec lock recipe.yaml`"
    ]


def test_a_lock_with_the_marks_of_a_merge(locked):
    path = locked.lock(FILES)
    path.write_text("<<<<<<< ours\n" + path.read_text())
    (said,) = locked.refused()
    assert said.startswith("bad-lock:1: this is not a lock: it is no JSON")
    with pytest.raises(recipec.UsageError, match="holds something other than a lock"):
        locked.lock(FILES)


def test_the_lock_of_another_recipe(locked):
    locked.lock(FILES)
    (said,) = locked.refused(FILES.replace("name: toy", "name: other"))
    assert said == (
        "locked:2: recipe.lock.json is the lock of 'toy', and this is 'other'; "
        "lock it with `recipec lock recipe.yaml`"
    )


def test_a_check_refuses_also_what_isn_t_used_any_more(locked):
    locked.lock(FILES)
    recipec.check_recipe_lock(locked.desk.compile(FILES))
    locked.desk.write(TOY_RECIPE)
    assert locked.stale() == [
        f"needless-lock: file {name} is in recipe.lock.json, and the recipe doesn't use it any "
        "more; take it out with `recipec lock recipe.yaml`"
        for name in ("mine.py", "n.json")
    ]
