"""`--set` names places in a recipe; a name that leads nowhere is an error with the nearest one."""

import pytest

VARS = "vars: {amount: {type: number, default: 0.5}, seed: 3}\n"
USED = 'stages: [{id: small, with: {amount: "${vars.amount}", n: "${vars.seed}"}}]\n'


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("seed=7", ("seed",), 7),
        ("amount=0.25", ("stages", 1, "with", "amount"), 0.25),
        ("vars.amount=0.25", ("stages", 1, "with", "amount"), 0.25),
        ("stages.big.with.factor=9", ("stages", 0, "with", "factor"), 9),
        ("stages.2.with.new=[1, {a: b}]", ("stages", 2, "with", "new"), [1, {"a": "b"}]),
        ('stages.big.with.layers."layer1.0"=3', ("stages", 0, "with", "layers", "layer1.0"), 3),
        ("data.test.with.count=5", ("data", "test", "with", "count"), 5),
        ("data.new={uses: toys.numbers}", ("data", "new", "uses"), "toys.numbers"),
        ("model.with.numbers=4", ("model", "with", "numbers"), 4),
        ("description=a=b", ("description",), "a=b"),
        ("description=", ("description",), ""),
        ("outputs=[big]", ("outputs", 0), "big"),
        ("name=other", ("name",), "other"),
    ],
)
def test_a_setting_reaches_any_value(recipes, setting, path, value):
    text = VARS.replace(", seed: 3", "") + USED.replace(', n: "${vars.seed}"', "")
    found = recipes.over(text, setting).value
    for step in path:
        found = found[step]
    assert found == value


@pytest.mark.parametrize(
    ("setting", "message", "hint"),
    [
        ("amuont=1", "there is no variable 'amuont'", "did you mean 'amount'?"),
        ("vars.amuont=1", "there is no variable 'amuont'", "did you mean 'amount'?"),
        ("baselin=big", "there is no variable 'baselin'", "did you mean 'baseline'?"),
        ("stages.bog.with.x=1", "there is no stage 'bog'", "did you mean 'big'?"),
        ("stages.9.with.x=1", "there is no stage '9'", "stages: big, packed, small"),
        ("data.tset.with.count=1", "there is no data 'tset'", "did you mean 'test'?"),
        ("modle.with.x=1", "no key 'modle'", "did you mean 'model'?"),
        ("seed=1", "'seed' could be the recipe's own key or the variable", None),
        ("vars={a: 1}", "variables are set one by one", "write vars.NAME=VALUE"),
        ("stages.big.id.x=1", "nothing is below 'stages.big.id': it is 'big'", None),
        (
            "apiVersion=recipec/v2",
            "'apiVersion' can't be set: it is read before anything is set",
            None,
        ),
        ("stages..with=1", "'stages..with' is not the name of a value", None),
        ('stages."big=1', "--set 'stages.\"big=1' is not NAME=VALUE", None),
        ("amount", "--set 'amount' is not NAME=VALUE", "for example --set amount=0.5"),
        ("=1", "--set '=1' is not NAME=VALUE", None),
    ],
)  # fmt: skip
def test_a_name_that_leads_nowhere_is_an_error(recipes, setting, message, hint):
    (problem,) = recipes.problems(recipes.over, VARS + USED, setting)
    assert (problem.code, problem.message) == ("bad-setting", message)
    assert hint is None or problem.hint.startswith(hint)


def test_all_wrong_settings_are_told_at_once(recipes):
    told = recipes.problems(recipes.over, VARS + USED, "amuont=1", "stages.bog.with.x=1")
    assert [problem.span.file for problem in told] == [
        "--set amuont=1",
        "--set stages.bog.with.x=1",
    ]


def test_the_last_of_two_settings_wins(recipes):
    assert recipes.over("", "seed=1", "seed=2").spec.seed == 2


def test_a_value_that_is_not_yaml_is_told(recipes):
    (problem,) = recipes.problems(recipes.over, "", "seed=[1")
    assert problem.code == "bad-setting"


def test_a_wrong_value_is_told_in_the_setting(recipes):
    (problem,) = recipes.problems(recipes.over, "", "seed=-1")
    assert (problem.code, problem.origin) == ("invalid-value", "from --set")
    assert (problem.span.file, problem.span.column) == ("--set seed=-1", 6)


@pytest.mark.parametrize("setting", ["\udc80=1", "factor=\udc80"])
def test_a_setting_that_is_not_utf_8_is_refused(recipes, setting):
    (problem,) = recipes.problems(recipes.over, "", setting)
    assert problem.code == "bad-setting"
    assert problem.message == f"--set {setting.replace(chr(0xDC80), '?')!r} is not UTF-8"
