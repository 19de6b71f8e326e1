"""Standard output is the command's: whatever plugins write there goes to standard error."""

import json

from hostile_plugins.conftest import results, stage, warned

SAID = ["printed", "past the wall", "bytes", "to the descriptor", "from C", "from a child"]


def test_the_result_as_json_can_be_read_and_the_noise_is_on_standard_error(hostile):
    bench = hostile("noisy")
    bench.write(stage("noisy.noise"))
    told = bench.cli("compile", "recipe.yaml", "-o", "out", "--format", "json")
    assert told.returncode == 0
    record = json.loads(told.stdout)
    assert record["status"] == "done"
    assert {line for line in told.stderr.splitlines() if line in SAID} == set(SAID)
    assert "finished" in told.stderr
    plugin = "of plugin 'noisy' (recipec-noisy 1.2)"
    assert [d["message"] for d in record["diagnostics"] if d["code"] == "process-state"] == [
        f"recipec_stage_finished {plugin} wrote to standard output; that went to standard error",
        f"hostile (noisy.noise {plugin}) wrote to standard output; that went to standard error",
    ]


def test_in_a_process_of_its_own_it_goes_to_the_log(hostile, peaceful, capfd):
    bench = hostile("noisy")
    record = bench.run(stage("noisy.noise", isolation="process"))
    assert results(record) == peaceful
    log = bench.folder / "store" / "v1" / "logs" / f"{record.stage('hostile').key}.log"
    assert set(log.read_text().splitlines()) == set(SAID)
    assert not set(capfd.readouterr().out.splitlines()) & set(SAID)
    assert not [w for w in warned(record, "process-state") if "noisy.noise" in w]


def test_progress_that_who_started_the_run_prints_is_not_taken_for_noise(bench, capfd):
    from recipec.compiler import Silent

    class Printing(Silent):
        def progress(self, node, done, total, what):
            print(node.id, what)

    record = bench.run(observer=Printing())
    assert "big number 8" in capfd.readouterr().out
    assert warned(record, "process-state") == []
