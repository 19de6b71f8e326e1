"""Everything that goes into a node's key, and what of it changed."""

import pytest

from recipec.api import UNKNOWN
from recipec.diagnostics import UsageError
from recipec.plan.explain import explain
from recipec.plan.key import complete_key
from recipec.plan.text.explanation import explanation_text
from toys.bench import TOY_RECIPE

CODE = TOY_RECIPE.replace("uses: toys.model", "uses: toys.model, with: {code: 'mine.py:f'}")


def explained(compilation, id):
    return explain(compilation.plan, compilation.planning, id)


def test_all_that_is_explained_makes_up_the_key(bench):
    bench.run()
    compilation = bench.compile()
    for node in compilation.plan.nodes:
        found = explained(compilation, node.id)
        inputs = {one.port: one.digest for one in found.inputs}
        assert found.key == complete_key(node.ingredients, inputs) == node.key
        said = {"operator", "version", "params", "packages", "format", "seed", "threads", "machine"}
        assert node.ingredients.keys() <= said


def test_a_parameter_that_changed_is_named(bench):
    bench.run()
    found = explained(bench.compile(TOY_RECIPE.replace("amount: 0.5", "amount: 0.25")), "small")
    assert found.changed == ("amount 0.5 → 0.25",)
    assert (found.action, found.params) == ("run", {"amount": 0.25})


def test_what_is_reused_has_not_changed(bench):
    bench.run()
    found = explained(bench.compile(), "small")
    assert (found.action, found.changed) == ("reuse", ())
    assert "nothing since it last ran" in explanation_text(found)


def test_what_never_ran_has_nothing_to_compare_with(bench):
    found = explained(bench.compile(), "small")
    assert found.changed is None
    assert "it has not run before with this store" in explanation_text(found)


def test_an_input_that_is_not_made_yet_is_known_after_its_stage(bench):
    bench.run()
    found = explained(bench.compile(TOY_RECIPE.replace("amount: 0.5", "amount: 0.25")), "packed")
    assert found.inputs[0].digest is UNKNOWN
    assert found.key is UNKNOWN
    assert found.changed == ()
    text = explanation_text(found)
    assert "changed   nothing that is known yet" in text
    assert "key       (known after small)" in text
    assert "model ← small  (known after small)" in text


def test_code_is_named_with_every_file_that_it_imports(bench):
    (bench.folder / "mine.py").write_text("import beside\ndef f(): return 1\n")
    (bench.folder / "beside.py").write_text("A = 1\n")
    bench.run(CODE)
    (bench.folder / "beside.py").write_text("A = 2\n")
    found = explained(bench.compile(CODE), "model")
    (code,) = found.code
    assert (code.parameter, code.name, list(code.files)) == (
        "code",
        "mine.py:f",
        ["beside.py", "mine.py"],
    )
    assert found.changed == ("code: its content changed",)
    assert "code" not in found.params


def test_files_and_data_have_their_digests(bench):
    text = TOY_RECIPE.replace(
        "train: {uses: toys.numbers}", "train: {uses: toys.numbers, with: {file: n.json}}"
    )
    (bench.folder / "n.json").write_text("[1, 2, 3]")
    compilation = bench.compile(text)
    (file,) = explained(compilation, "data.train").files
    assert (file.parameter, file.name, len(file.digest)) == ("file", "n.json", 64)
    data = next(one for one in explained(compilation, "big").inputs if one.port == "data")
    assert data.digest == explained(compilation, "data.train").key


def test_a_measurement_can_be_explained(bench):
    found = explained(bench.compile(), "small.toys.right")
    assert (found.role, [one.node for one in found.inputs]) == ("measure", ["small", "data.test"])


def test_an_unknown_stage_is_a_usage_error_with_a_suggestion(bench):
    with pytest.raises(UsageError) as raised:
        explained(bench.compile(), "smal")
    (problem,) = raised.value.diagnostics
    assert (problem.code, problem.hint) == ("unknown-stage", "did you mean 'small'?")


def test_an_explanation_fits_the_page(bench):
    from recipec.plan.text import Page

    (bench.folder / "mine.py").write_text("def f(): return 1\n")
    for line in explanation_text(explained(bench.compile(CODE), "model"), Page(80)).splitlines():
        assert len(line) <= 80
