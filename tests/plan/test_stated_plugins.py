"""What a recipe states of plugins is held against what is installed, and told in the plan."""

from importlib.metadata import EntryPoint

import pytest

import recipec
from installed_plugins import Site
from recipec.registry import discover
from toys.bench import TOY_RECIPE

NAMED = "name: toy\n"


@pytest.fixture
def site(tmp_path, monkeypatch):
    return Site(tmp_path / "site", monkeypatch)


def stating(text):
    return TOY_RECIPE.replace(NAMED, f"{NAMED}plugins: {text}\n")


def problems(bench, text):
    with pytest.raises(recipec.RecipeError) as raised:
        bench.compile(text)
    return [(one.code, one.message, one.hint) for one in raised.value.diagnostics]


@pytest.fixture
def with_acme(bench, site):
    """A bench on which the plugin acme 1.3 is installed beside the toys."""

    def install(code="", **options):
        site.install("acme", code, version="1.3", **options)
        points = discover_points("acme", "toys")
        bench.catalog = discover(points)
        return bench

    return install


def discover_points(*names):
    from importlib.metadata import entry_points

    installed = [point for point in entry_points(group="recipec") if point.name in names]
    return [*installed, EntryPoint("toys", "toys", "recipec")]


@pytest.mark.parametrize("stated", ['{acme: ">=1.2,<2"}', "{acme: {package: Recipec_Acme}}"])
def test_what_fits_is_in_the_plan_and_in_the_record(stated, with_acme):
    bench = with_acme()
    compilation = bench.compile(stating(stated))
    (here,) = compilation.plan.plugins.values()
    assert here.startswith("recipec-acme 1.3")
    assert f"plugins acme: {here}" in compilation.text()
    assert bench.run(stating(stated)).plugins == {"acme": here}


def test_another_version_is_told_with_both(with_acme):
    assert problems(with_acme(), stating('{acme: ">=2"}')) == [
        (
            "wrong-plugin-version",
            "the recipe needs acme >=2, and recipec-acme 1.3 is installed",
            "pip install 'recipec-acme>=2'",
        )
    ]


def test_one_that_failed_to_load_is_told_with_its_reason(with_acme):
    ((code, message, hint),) = problems(with_acme("1 / 0"), stating('{acme: ">=1"}'))
    assert code == "failed-plugin"
    assert message == (
        "plugin 'acme' of recipec-acme 1.3 failed to load: ZeroDivisionError: division by zero"
    )
    assert "recipec plugins doctor" in hint


@pytest.mark.parametrize(
    ("variable", "value", "said", "hint"),
    [
        ("RECIPEC_BLOCK_PLUGINS", "acme", "blocked by", "take acme out of RECIPEC_BLOCK_PLUGINS"),
        ("RECIPEC_ONLY_PLUGINS", "toys", "not among", "add acme to --only-plugins"),
    ],
)
def test_one_that_is_kept_out_is_told_as_that(variable, value, said, hint, with_acme, monkeypatch):
    monkeypatch.setenv(variable, value)
    bench = with_acme()
    ((code, message, advice),) = problems(bench, stating('{acme: ">=1"}'))
    assert code == "failed-plugin"
    assert f"plugin 'acme' is installed, and {said}" in message
    assert hint in advice


def test_an_operator_of_one_that_is_kept_out_says_so(with_acme, monkeypatch):
    monkeypatch.setenv("RECIPEC_BLOCK_PLUGINS", "acme")
    text = TOY_RECIPE.replace("uses: toys.pack", "uses: acme.pack")
    ((code, message, _),) = problems(with_acme(), text)
    assert code == "unknown-operator"
    assert "plugin 'acme' is installed, and blocked by RECIPEC_BLOCK_PLUGINS" in message


def test_a_missing_plugin_is_told_once_and_not_for_each_of_its_operators(bench):
    text = stating("{gone: '>=1'}").replace("uses: toys.pack", "uses: gone.pack")
    assert [code for code, *_ in problems(bench, text)] == ["missing-plugin"]


def test_a_recipe_that_extends_another_may_state_other_bounds(with_acme):
    bench = with_acme()
    bench.write(stating('{acme: ">=2"}'), "base.yaml")
    text = 'apiVersion: recipec/v1\nname: other\nextends: base.yaml\nplugins: {acme: ">=1"}\n'
    assert bench.compile(text).plan.plugins == {"acme": "recipec-acme 1.3 (>=1)"}
