"""A terminal on which the tests of the command line call `recipec`."""

from io import StringIO

import pytest

from recipec.cli import main as cli
from toys.bench import TOY_RECIPE


class Terminal:
    """Calls `recipec …` in a folder, with the toy plugin as the only one."""

    def __init__(self, folder, monkeypatch, toys):
        self.folder = folder
        monkeypatch.chdir(folder)
        monkeypatch.setenv("RECIPEC_STORE", str(folder / "store"))
        monkeypatch.setattr("recipec.compiler.discover", lambda: toys)
        monkeypatch.setattr("recipec.registry.discover", lambda: toys)
        (folder / "recipe.yaml").write_text(TOY_RECIPE)

    def __call__(self, *arguments):
        out, err, code = StringIO(), StringIO(), 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdout", out)
            patch.setattr("sys.stderr", err)
            try:
                cli.main(list(arguments))
            except SystemExit as ended:
                code = ended.code
        return code, out.getvalue(), err.getvalue()

    def change(self, old, new):
        path = self.folder / "recipe.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


@pytest.fixture
def recipec(tmp_path, monkeypatch, toys):
    return Terminal(tmp_path, monkeypatch, toys)
