"""Files that aren't a stage's to write: it isn't done, and an error names plugin and path."""

import pytest

from hostile_plugins.conftest import results, stage
from recipec import StageError

HOW = {
    "write": "notes.md",
    "swallow": "notes.md",
    "append": "notes.md",
    "remove": "notes.md",
    "rename": "notes.md",
    "folder": "new",
    "clear": "store/v1",
    "database": "history.db",
}


@pytest.mark.parametrize("apart", [False, True], ids=["here", "apart"])
@pytest.mark.parametrize("how", HOW)
def test_what_isnt_its_to_write_stays_as_it_was(hostile, peaceful, how, apart):
    bench = hostile("scribbling")
    (bench.folder / "notes.md").write_text("mine")
    path = bench.folder / HOW[how]
    more = {"isolation": "process"} if apart else {}
    with pytest.raises(StageError) as failed:
        bench.run(stage("scribbling.scribble", f"{how} {path}", **more))
    (problem,) = failed.value.diagnostics
    assert problem.code == "wrote-outside"
    assert problem.message.startswith(
        "hostile (scribbling.scribble of plugin 'scribbling' (recipec-scribbling 1.2)) tried to "
        f"write {path}"
    )
    assert (bench.folder / "notes.md").read_text() == "mine"
    assert {p.name for p in bench.folder.iterdir()} == {"notes.md", "recipe.yaml", "site", "store"}
    assert results(bench.run()) == peaceful


def test_an_earlier_run_in_out_stays_as_it_was(hostile):
    bench = hostile("scribbling")
    bench.run()
    record = bench.folder / "out" / "run.json"
    before = record.read_bytes()
    with pytest.raises(StageError, match="not its to write"):
        bench.run(stage("scribbling.scribble", f"write {record}"))
    assert record.read_bytes() == before


def test_an_input_in_the_store_stays_as_it_was(hostile, peaceful):
    bench = hostile("scribbling")
    with pytest.raises(StageError, match=r"tried to write .*store/v1/entries"):
        bench.run(stage("scribbling.scribble", "input"))
    assert results(bench.run()) == peaceful


@pytest.mark.parametrize("where", [".cache", "models"])
def test_hidden_files_and_caches_that_the_environment_names_are_fine(
    hostile, peaceful, monkeypatch, where
):
    bench = hostile("scribbling")
    monkeypatch.setenv("MODELS_HOME", str(bench.folder / "models"))
    (bench.folder / where).mkdir()
    record = bench.run(stage("scribbling.scribble", f"write {bench.folder / where / 'file'}"))
    assert (bench.folder / where / "file").read_text() == "scribbled"
    assert results(record) == peaceful


def test_the_users_own_code_may_write_beside_itself(bench):
    """A data set that downloads itself into the project, say."""
    (bench.folder / "samples.py").write_text(
        "from pathlib import Path\n"
        "def load():\n    Path(__file__).with_name('downloaded').write_text('1')\n"
    )
    from recipec.api.code import load_object
    from recipec.api.references import ImportString
    from recipec.run.grounds import guard
    from recipec.walls.writes import guarded

    load = load_object(ImportString("samples.py:load"), bench.folder)
    with guarded(guard(bench.folder, bench.folder / "store", None, ())):
        load()
    assert (bench.folder / "downloaded").read_text() == "1"
