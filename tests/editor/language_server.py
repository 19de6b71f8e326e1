"""An editor without a window: speaks the Language Server Protocol with a server over its pipes."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from pathlib import Path
from typing import Any, NamedTuple

CURSOR = "‸"
"""Marks the cursor in a text that is opened."""

PATIENCE = 60
"""Seconds to wait for an answer; a server that is silent for so long has hung."""

CAPABILITIES = {
    "textDocument": {
        "completion": {
            "completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}
        },
        "hover": {"contentFormat": ["markdown"]},
        "publishDiagnostics": {"relatedInformation": True},
    },
    "workspace": {"configuration": True},
}
"""What VS Code and Neovim can do too, as far as it matters here."""


class Mark(NamedTuple):
    """A diagnostic: lines and columns from 1, as editors show them."""

    line: int
    column: int
    text: str
    message: str


def _mark(lines: list[str], start: dict[str, int], end: dict[str, int], message: str) -> Mark:
    line = lines[start["line"]]
    stop = end["character"] if end["line"] == start["line"] else len(line)
    return Mark(start["line"] + 1, start["character"] + 1, line[start["character"] : stop], message)


class LanguageServer:
    """A running server; use it in a `with` statement."""

    def __init__(self, command: list[str], folder: Path, settings: dict[str, Any]) -> None:
        """Start the server; texts are opened as files of `folder`, whether they exist or not."""
        self._folder, self._settings = folder.resolve(), settings
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._diagnostics: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._number = self._opened = 0
        self._writing = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> LanguageServer:
        self.request("initialize", processId=None, rootUri=None, capabilities=CAPABILITIES)
        self._send(method="initialized", params={})
        return self

    def __exit__(self, *problem: object) -> None:
        self.request("shutdown")
        self._send(method="exit")
        assert self._process.wait(PATIENCE) == 0

    def diagnostics(self, text: str) -> list[Mark]:
        """Open a text; give what the editor underlines."""
        found, lines = self._wait_for_diagnostics(self._open(text)), text.splitlines()
        return [
            _mark(lines, one["range"]["start"], one["range"]["end"], one["message"])
            for one in found
        ]

    def completions(self, text: str) -> list[dict[str, Any]]:
        """Ask what can be written at the cursor."""
        items: list[dict[str, Any]] = self._ask_at_cursor("textDocument/completion", text)["items"]
        return items

    def hover(self, text: str) -> str:
        """Ask what is shown for the word behind the cursor: Markdown."""
        found = self._ask_at_cursor("textDocument/hover", text)
        return found["contents"]["value"] if found else ""

    def _open(self, text: str) -> str:
        """Open a text as a new file of the folder."""
        self._opened += 1
        uri = (self._folder / f"recipe-{self._opened}.yaml").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._send(method="textDocument/didOpen", params={"textDocument": document})
        return uri

    def _ask_at_cursor(self, method: str, text: str) -> Any:
        before, cursor, after = text.partition(CURSOR)
        assert cursor, f"the text has no {CURSOR}"
        uri = self._open(before + after)
        line, column = before.count("\n"), len(before) - (before.rfind("\n") + 1)
        position = {"line": line, "character": column}
        return self.request(method, textDocument={"uri": uri}, position=position)

    def request(self, method: str, **params: Any) -> Any:
        """Ask the server and wait for its answer."""
        self._number += 1
        self._send(id=self._number, method=method, params=params)
        answer = self._answers.get(timeout=PATIENCE)
        assert answer["id"] == self._number
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def _wait_for_diagnostics(self, uri: str) -> list[dict[str, Any]]:
        while True:
            told = self._diagnostics.get(timeout=PATIENCE)
            if told["uri"] == uri:
                return list(told["diagnostics"])

    def _send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin
        with self._writing:
            self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self._process.stdin.flush()

    def _listen(self) -> None:
        while (message := self._receive()) is not None:
            if "method" not in message:
                self._answers.put(message)
            elif message["method"] == "textDocument/publishDiagnostics":
                self._diagnostics.put(message["params"])
            elif message["method"] == "workspace/configuration":
                asked = [item.get("section", "") for item in message["params"]["items"]]
                self._send(id=message["id"], result=[self._settings.get(name) for name in asked])
            elif "id" in message:  # it registers what it can do
                self._send(id=message["id"], result=None)

    def _receive(self) -> dict[str, Any] | None:
        stream = self._process.stdout
        assert stream
        length = 0
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode().partition(":")
            if name.lower() == "content-length":
                length = int(value)
        message: dict[str, Any] | None = json.loads(stream.read(length)) if length else None
        return message
