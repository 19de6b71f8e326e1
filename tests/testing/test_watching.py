"""What code does to files, programs and the environment is seen; what it reads isn't told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from recipec.testing.watching import outside, watched


@pytest.mark.parametrize(
    ("deed", "what"),
    [
        (lambda path: path.write_text("a"), "writes"),
        (lambda path: os.close(os.open(path, os.O_CREAT | os.O_WRONLY)), "writes"),
        (lambda path: path.mkdir(), "makes the folder"),
        (lambda path: path.symlink_to("/etc"), "makes the link"),
        (lambda path: path.with_name("there").rename(path), "moves something to"),
    ],
)
def test_what_changes_files_is_told_with_the_path(deed, what, tmp_path):
    (tmp_path / "there").write_text("before")
    with watched() as did:
        deed(tmp_path / "new")
    assert (what, str(tmp_path / "new")) in [tuple(one) for one in did]
    assert outside(did, tmp_path) == []
    assert outside(did, tmp_path / "elsewhere") == [f"{what} {tmp_path / 'new'}"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a descriptor's folder")
def test_a_path_relative_to_an_open_folder_is_told_whole(tmp_path):
    (tmp_path / "file").write_text("a")
    folder = os.open(tmp_path, os.O_RDONLY)
    with watched() as did:
        os.remove("file", dir_fd=folder)
    os.close(folder)
    assert [tuple(one) for one in did] == [("removes", str(tmp_path / "file"))]


def test_programs_and_the_environment_are_told(monkeypatch):
    monkeypatch.setenv("ACME", "0")
    with watched() as did:
        subprocess.run([sys.executable, "--version"], capture_output=True, check=True)
        os.environ["ACME"] = "1"
    said = [one.what for one in did]
    assert f"starts the program {sys.executable}" in said
    assert "sets the environment variable ACME" in said


def test_reading_devices_and_caches_are_nothing(tmp_path):
    (tmp_path / "__pycache__").mkdir()
    with watched() as did:
        Path(__file__).read_bytes()
        Path(os.devnull).write_text("a")
        (tmp_path / "__pycache__" / "x.pyc").write_bytes(b"")
    assert did == []


def test_what_is_done_afterwards_isnt_told(tmp_path):
    with watched() as did:
        pass
    (tmp_path / "new").write_text("a")
    assert did == []
