"""Take pictures of the plan as it looks in a terminal of 80 and one of 140 columns.

    python docs/images/plan.py [FOLDER]     writes plan-80.png and plan-140.png (default: here)

Needs tmux and Chromium. The command runs in a real terminal (tmux's); what it shows, colours and
all, is drawn by a browser. The store holds one run of the recipe with another amount, so that the
pictures have stages that are reused, stages that run again, and estimates from a history.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from io import StringIO
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
RECIPE = "recipes/seven-steps.yaml"
RECIPEC = str(Path(sys.executable).with_name("recipec"))
ROWS = 200
FONT, LINE, CHARACTER, MARGIN = 15, 19, 9.03, 16
"""Pixels: of the letters, of a line, of a column (DejaVu Sans Mono at that size), and around."""
FOREGROUND, BACKGROUND = (221, 224, 230), (24, 26, 31)
NORMAL = [
    (40, 44, 52), (239, 107, 115), (130, 200, 120), (229, 192, 105), (98, 165, 240),
    (198, 120, 221), (86, 190, 200), (221, 224, 230),
]  # fmt: skip
"""The eight colours of the terminal: black, red, green, yellow, blue, magenta, cyan, white."""
PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: {margin}px; background: rgb{background}; }}
pre {{ margin: 0; font: {font}px/{line}px "DejaVu Sans Mono", monospace; color: rgb{foreground}; }}
</style>{code}"""


def shown(command: list[str], columns: int) -> str:
    """Run a command in a terminal of so many columns; give what is on the screen, with colours."""
    socket = f"recipec-{os.getpid()}"
    tmux = ["tmux", "-L", socket, "-f", "/dev/null"]
    line = f"{shlex.join(command)}; printf 'DO''NE'; sleep 60"
    size = ["-x", str(columns), "-y", str(ROWS)]
    subprocess.run([*tmux, "new-session", "-d", *size, line], check=True, cwd=ROOT)
    try:
        for _ in range(600):
            time.sleep(0.1)
            screen = subprocess.run(
                [*tmux, "capture-pane", "-e", "-p"], check=True, capture_output=True, text=True
            ).stdout
            if "DONE" in screen:
                return screen.partition("DONE")[0].rstrip() + "\n"
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
    raise TimeoutError(f"{shlex.join(command)} didn't end")


def picture(screen: str, columns: int, path: Path, folder: Path) -> None:
    """Draw a screen."""
    from rich.console import Console
    from rich.terminal_theme import TerminalTheme
    from rich.text import Text

    console = Console(record=True, width=columns, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(screen), end="")
    code = console.export_html(
        theme=TerminalTheme(BACKGROUND, FOREGROUND, NORMAL),
        inline_styles=True,
        code_format="<pre>{code}</pre>",
    )
    html = PAGE.format(
        margin=MARGIN,
        font=FONT,
        line=LINE,
        background=BACKGROUND,
        foreground=FOREGROUND,
        code=code,
    )
    (folder / "page.html").write_text(html, encoding="utf-8")
    width = round(columns * CHARACTER) + 2 * MARGIN
    height = screen.count("\n") * LINE + 2 * MARGIN
    subprocess.run(
        [
            shutil.which("chromium") or "chromium",
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={folder / 'profile'}", "--hide-scrollbars",
            f"--window-size={width},{height}", f"--screenshot={path}", str(folder / "page.html"),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    from PIL import Image  # comes with torchvision

    with Image.open(path) as image:
        few = image.convert("RGB").quantize(96, Image.Quantize.MAXCOVERAGE)
    few.save(path, optimize=True)


def main(folder: Path) -> None:
    """Run the recipe once, and take the pictures of the plan after a change."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        store = ["--store", str(place / "store")]
        before = [RECIPEC, "compile", RECIPE, "--set", "amount=0.4", "-o", str(place / "out"), "-q"]
        subprocess.run([*before, *store], check=True, cwd=ROOT)
        plan = [RECIPEC, "compile", RECIPE, "--dry-run", *store]
        for columns in (80, 140):
            path = folder / f"plan-{columns}.png"
            picture(shown(plan, columns), columns, path.absolute(), place)
            print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else HERE)
