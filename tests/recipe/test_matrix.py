"""A matrix: which variants a recipe has, what they are called, and what each sets."""

import pytest

import recipec
from recipec.recipe.labels import MAX_LABEL, labels
from recipec.recipe.matrix import MAX_VARIANTS

VARS = 'vars: {amount: 0.5}\nstages: [{id: small, with: {amount: "${vars.amount}"}}]\n'


def names(recipes):
    return [recipe.variant for recipe in recipes]


@pytest.fixture
def over(recipes):
    """Give all variants of a recipe that extends the base and has this matrix."""

    def load(matrix, *settings, text=VARS, **options):
        head = "apiVersion: recipec/v1\nname: toy\nextends: base.yaml\n"
        return recipes.variants(f"{head}{text}matrix: {matrix}\n", *settings, **options)

    return load


def test_each_combination_is_a_recipe_of_its_own(recipes, over):
    found = over("{amount: [0.25, 0.5], stages.big.with.factor: [2, 3]}")
    assert [recipe.title for recipe in found] == [
        "toy/amount=0.25,factor=2",
        "toy/amount=0.25,factor=3",
        "toy/amount=0.5,factor=2",
        "toy/amount=0.5,factor=3",
    ]
    parameters = recipes.parameters(found[1])
    assert (parameters["small"]["amount"], parameters["big"]["factor"]) == (0.25, 3)


def test_a_recipe_without_a_matrix_is_the_only_one(recipes, over):
    assert names(over("null")) == [None]
    (problem,) = recipes.problems(over, "null", variants=["x"])
    assert (problem.code, problem.hint) == ("unknown-variant", "it has no matrix")


def test_variants_are_excluded_and_included(over):
    matrix = """
  amount: [0.25, 0.5]
  stages.big.with.factor: [2, 3]
  exclude: [{amount: 0.25, stages.big.with.factor: 3}, {amount: 0.5, stages.big.with.factor: 2}]
  include: [{amount: 0.75}, {seed: 5}]"""
    assert names(over(matrix)) == [
        "amount=0.25,factor=2",
        "amount=0.5,factor=3",
        "amount=0.75",
        "seed=5",
    ]


def test_variants_may_be_listed_without_axes(over):
    assert names(over("{include: [{amount: 0.25}, {amount: 0.5}]}")) == [
        "amount=0.25",
        "amount=0.5",
    ]


def test_variants_are_chosen_by_label_or_glob(over):
    matrix = "{amount: [0.25, 0.5], seed: [1, 2]}"
    assert names(over(matrix, variants=["amount=0.5*"])) == [
        "amount=0.5,seed=1",
        "amount=0.5,seed=2",
    ]
    assert names(over(matrix, variants=["*seed=2", "amount=0.25,seed=1"])) == [
        "amount=0.25,seed=1",
        "amount=0.25,seed=2",
        "amount=0.5,seed=2",
    ]


def test_one_is_loaded_when_it_is_named(recipes, over):
    matrix = VARS + "matrix: {amount: [0.25, 0.5]}\n"
    assert recipes.over(matrix, variant="amount=0.5").variant == "amount=0.5"
    assert recipes.over(matrix, variant="*.25").variant == "amount=0.25"
    (problem,) = recipes.problems(recipes.over, matrix)
    assert (problem.code, problem.message) == ("several-variants", "the recipe has 2 variants")
    assert problem.hint == "choose one with --variant: amount=0.25; amount=0.5"
    (problem,) = recipes.problems(recipes.over, matrix, variant="amount=0.6")
    assert (problem.code, problem.hint) == ("unknown-variant", "did you mean 'amount=0.5'?")


def test_presets_may_change_the_matrix_and_settings_may_not_undo_it(recipes):
    text = VARS + "matrix: {amount: [0.25, 0.5]}\npresets: {one: {matrix: null}}\n"
    assert recipes.over(text, presets=["one"]).variant is None
    (problem,) = recipes.problems(recipes.over, text, "amount=0.3", variant="amount=0.5")
    assert problem.hint == "choose variants with --variant"
    (problem,) = recipes.problems(recipes.over, text, "stages.small={}", variant="amount=0.5")
    assert problem.code != "several-variants"


def test_a_setting_that_replaces_what_an_axis_is_in_is_refused(recipes):
    text = "matrix: {stages.big.with.factor: [2, 3]}\n"
    (problem,) = recipes.problems(recipes.over, text, "stages.big.with={}", variant="factor=2")
    assert problem.code == "bad-setting"


def test_a_matrix_is_inherited_and_merges(recipes):
    recipes.write(
        "middle.yaml",
        f"apiVersion: recipec/v1\nextends: base.yaml\n{VARS}matrix: {{amount: [0.1, 0.2]}}\n",
    )
    head = "apiVersion: recipec/v1\nname: toy\nextends: middle.yaml\n"
    assert names(recipes.variants(head)) == ["amount=0.1", "amount=0.2"]
    assert names(recipes.variants(head + "matrix: {seed: [5]}\n")) == [
        "amount=0.1,seed=5",
        "amount=0.2,seed=5",
    ]
    assert names(recipes.variants(head + "matrix: null\n")) == [None]


def test_values_say_that_the_matrix_sets_them(over):
    place = over("{seed: [1, 2]}")[0].place(("seed",))
    assert str(place.value) == "recipe.yaml:6:17"
    assert place.origin == "from the matrix, axis 'seed'"


def test_a_problem_of_many_variants_is_told_once(recipes, over):
    told = recipes.problems(over, "{seed: [1, 2, 3]}", text="threads: many\n" + VARS)
    assert [problem.code for problem in told] == ["invalid-value"]


def test_a_value_may_be_anything(recipes, over):
    found = over("{outputs: [[big], [big, small]], model.with: [{numbers: 4}]}")
    assert names(found) == ["outputs=big,model=-numbers-4-", "outputs=big+small,model=-numbers-4-"]
    assert found[1].spec.outputs == ("big", "small")
    assert found[1].spec.model.with_ == {"numbers": 4}


@pytest.mark.parametrize(
    ("variants", "wanted"),
    [
        ([[("a.b", 1)], [("a.b", 2)]], ["b=1", "b=2"]),
        ([[("stages.x.with.n", 1), ("stages.y.with.n", 2)]], ["x.n=1,y.n=2"]),
        ([[("n", 1), ("stages.y.with.n", 2)]], ["n=1,y.n=2"]),
        ([[("n", True)], [("n", None)], [("n", "")]], ["n=true", "n=null", "n=empty"]),
        ([[("n", 1e-4)], [("n", -2.5)]], ["n=0.0001", "n=-2.5"]),
        ([[("f", "../../etc/passwd")], [("f", "a b:c")]], ["f=..-..-etc-passwd", "f=a-b-c"]),
        ([[('w."a.b"', "x.")]], ["a.b=x"]),
    ],
)
def test_labels_are_readable(variants, wanted):
    assert labels(variants) == wanted


@pytest.mark.parametrize(
    "variants",
    [
        [[("n", "a b")], [("n", "a-b")], [("n", "a:b")]],
        [[("n", "Big")], [("n", "big")]],
        [[("n", 1)], [("n", "1")], [("n", True)], [("n", "true")]],
        [[("n", "x" * 100)], [("n", "x" * 100 + "y")]],
        [[(f"n{i}", "x" * 20) for i in range(20)], [(f"n{i}", "y" * 20) for i in range(20)]],
        [[("ü", "é")], [("ä", "é")]],
    ],
)
def test_labels_are_unique_and_safe(variants):
    made = labels(variants)
    assert len({label.casefold() for label in made}) == len(variants)
    for label in made:
        assert len(label) <= MAX_LABEL
        assert label.isascii()
        assert set("/\\:*?\"<>| '") & set(label) == set()
        assert label[0] not in ".-"
        assert label[-1] != "."


def test_five_thousand_variants_are_allowed_and_no_more(recipes, over):
    few, many = (", ".join(map(str, range(count))) for count in (50, 100))
    found = over(f"{{seed: [{few}], stages.big.with.factor: [{many}]}}")
    assert len(found) == MAX_VARIANTS
    (problem,) = recipes.problems(over, f"{{seed: [{few}], stages.big.with.factor: [{many}, 100]}}")
    assert problem.message == "the matrix has 5,050 variants; 5,000 is the limit"


def test_an_unused_variable_would_make_variants_equal(recipes, over):
    told = recipes.problems(over, "{idle: [1, 2]}", text="vars: {idle: 0}\n")
    assert {problem.code for problem in told} == {"unused-variable"}


def test_load_variants_is_public():
    assert recipec.load_variants


def test_an_included_variant_sets_each_place_once(recipes, over):
    entry = "{stages.big.with.factor: 2, stages.big.with: {}}"
    (problem,) = recipes.problems(over, f"{{seed: [1, 2], include: [{entry}]}}")
    assert problem.message == "'stages.big.with.factor' is within 'stages.big.with'"
