"""Changes to a recipe's bytes: of lines, of tokens, of values, of single bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any

import yaml

from fuzz.corpus import recipes

TOKEN = re.compile(rb"[\w.$-]+|\s+|.", re.DOTALL)

VALUES = (
    *("null", "~", "true", "no", "0", "-1", "010", "0x1F", "1e999", "1e-999", ".nan", "-.inf"),
    *("9" * 60, "9" * 200, "-0.0", "1_000", "12:30", "2001-01-01", "''", '""', "[]", "{}", "[[]]"),
    *(
        "1pp",
        "1 pp",
        "1%",
        "5ms",
        "64MiB",
        "3x",
        "3 X",
        "1e400ms",
        "-1pp",
        "٣x",
        "1",
        "0.5pp",
        "µs",
    ),
    *("${vars.amount}", "${vars.", "${env:HOME}", "${env:NOT_SET:-1}", "$${x}", "${}", "${a${b}}"),
    *("${stages.prune}", "${data.train}", "${secret:X}", "${vars.amount:-0.5}", "x${vars.a}y"),
    *("glob:*", "re:(", "re:.*", "re:(a+)+$", "type:Conv*", "type:", "layer?.[0-9]", "*", "[!a]*"),
    *("*a", "&a 1", "!!str 1", "!x y", "<<", "- a", "? a", "|", ">-", "@x", "`x", "%x", "'", '"'),
    *("../../etc/passwd", "~nobody-here/x", "a\\0b", "/dev/zero", "/dev/stdin", "", "x" * 300),
    *("model.py:net", "model.py:nothing", "broken.py:x", "missing.py:x", "os:system", "a.b:c", ":"),
    *("data.json", "base.yaml", "cycle.yaml", "broken.yaml", "folder", "recipec_torch:none.yaml"),
    *("torch.model", "train.fit", "prune.channels", "quantize.static", "onnx.export", "toys.scale"),
    *("model", "data", "trained", "prune", "train", "test", "accuracy", "size.disk", "latency"),
    *("recipec/v1", "recipec/v0", "recipec/v2", "\u202e", "é", "日本", "😀", "\ufeff", "e\u0301"),
)
KEYS = (
    *("apiVersion", "name", "description", "vars", "seed", "threads", "model", "data", "measure"),
    *("baseline", "stages", "outputs", "gates", "silence", "extends", "matrix", "presets", "uses"),
    *(
        "with",
        "id",
        "needs",
        "metrics",
        "metric",
        "stage",
        "against",
        "max_drop",
        "min_ratio",
        "min",
    ),
    *(
        "max",
        "default",
        "type",
        "choices",
        "exclude",
        "include",
        "remove",
        "replace",
        "after",
        "x-a",
    ),
    *("before", "lint", "reason", "$schema", "amount", "epochs", "builder", "input", "shape", "<<"),
)
STEPS = ("0", "1", "-1", "trained", "prune", "a", '"a.b"', "", " ", "x")
BYTES = (
    b"\x00",
    b"\x07",
    b"\xff",
    b"\xc3",
    b"\x1b[31m",
    b"\t",
    b"\r",
    b"\n",
    b" ",
    b":",
    b"#",
    b"-",
)
SNIPPETS = (
    b"extends: base.yaml\n",
    b"extends: [base.yaml, base.yaml]\n",
    b"extends: cycle.yaml\n",
    b"matrix:\n  amount: [0.3, 0.5]\n",
    b"matrix:\n  seed: [0, 1]\n  exclude: [{seed: 1}]\n",
    b"matrix: {stages.prune.with.amount: [0.1, 0.2], include: [{seed: 3}]}\n",
    b"presets:\n  small:\n    stages:\n      - {id: prune, with: {amount: 0.9}}\n",
    b"vars:\n  amount: {type: number, default: 0.5, min: 0, max: 1}\n",
    b"vars: {a: '${vars.b}', b: '${vars.a}'}\n",
    b"silence:\n  - {lint: channels-unaligned, reason: fine}\n",
    b"gates:\n  - {stage: prune, metric: accuracy, max_drop: 1pp}\n",
    b"  - {id: prune, remove: true}\n",
    b"  - {id: extra, uses: toys.scale, after: prune}\n",
    b"---\n",
    b"...\n",
    b"%YAML 1.1\n---\n",
)


def mutated(random: Random) -> bytes:
    """Take a recipe of the repository and change it in a few places."""
    data = random.choice(recipes())
    if (
        b"apiVersion:" not in data and random.random() < 0.9
    ):  # a part of one, from the documentation
        data = random.choice(recipes())
    for _ in range(random.choice((1, 1, 1, 1, 2, 3, 6))):
        data = changed(data, random)
    return data


def changed(data: bytes, random: Random) -> bytes:
    """Change bytes in one place; as a rule they stay YAML, so that what comes after sees them."""
    return (_values if random.random() < 0.75 else random.choice(MUTATIONS))(data, random)


def setting(random: Random) -> str:
    """Make up what `--set` may be given."""
    steps = [random.choice((*KEYS, *STEPS)) for _ in range(random.choice((1, 1, 2, 3, 4, 300)))]
    name = random.choice(("amount", "seed", "stages.prune.with.amount", ".".join(steps)))
    if random.random() < 0.1:
        return random.choice(
            (name, "=", f"={name}", f"{name}==1", f'"{name}', f"{name}=", "\udc80=1")
        )
    return f"{name}={random.choice(VALUES)}"


def _lines(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(8):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = b" " * random.randrange(1, 5) + lines[at]
        case 4:
            lines[at] = lines[at].lstrip()
        case 5:
            lines[at] = lines[at].rstrip(b"\n")
        case 6:
            lines[at] = b"\t" + lines[at].lstrip(b" ")
        case _:
            lines.insert(at, random.choice(SNIPPETS))
    return b"".join(lines)


def _tokens(data: bytes, random: Random) -> bytes:
    tokens = TOKEN.findall(data) or [b""]
    at, other = random.randrange(len(tokens)), random.randrange(len(tokens))
    match random.randrange(6):
        case 0:
            del tokens[at]
        case 1:
            tokens.insert(other, tokens[at])
        case 2:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        case 3:
            tokens[at] = random.choice(VALUES).encode()
        case 4:
            tokens[at] = random.choice(KEYS).encode()
        case _:
            tokens[at] = misspelt(tokens[at], random)
    return b"".join(tokens)


def misspelt(word: bytes, random: Random) -> bytes:
    """Leave out, double or swap a letter."""
    at = random.randrange(len(word) + 1)
    match random.randrange(3):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + word[at : at + 1] + word[at:]
        case _:
            return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


def _raw(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    match random.randrange(4):
        case 0:
            return data[:at] + random.choice(BYTES) + data[at:]
        case 1:
            return data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]
        case 2:
            return data[:at] + data[at + random.randrange(1, 40) :]
        case _:
            return data[:at] + data[max(0, at - random.randrange(40)) :]


def _anchors(data: bytes, random: Random) -> bytes:
    """Give a value a name, and let another one be it."""
    tokens = TOKEN.findall(data) or [b""]
    values = [i for i in range(1, len(tokens)) if tokens[i - 1].isspace()] or [0]
    at, other = random.choice(values), random.choice(values)
    tokens[other] = b"*a"
    tokens[at] = b"&a " + tokens[at]
    return b"".join(tokens)


def _cut(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _spliced(data: bytes, random: Random) -> bytes:
    other = random.choice(recipes())
    ours, theirs = data.splitlines(keepends=True), other.splitlines(keepends=True)
    at, begin = random.randrange(len(ours) + 1), random.randrange(len(theirs) + 1)
    return b"".join((*ours[:at], *theirs[begin : begin + random.randrange(1, 12)], *ours[at:]))


def _values(data: bytes, random: Random) -> bytes:
    """Change a value in the tree, and write the tree out again."""
    try:
        tree = yaml.load(data, _Loader)
    except (yaml.YAMLError, UnicodeError, RecursionError):
        return data
    places: list[tuple[Any, Any]] = []
    seen: set[int] = set()

    def walk(value: Any) -> None:
        if id(value) in seen:  # an alias, perhaps to what it stands in
            return
        seen.add(id(value))
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            places.append((value, key))
            if isinstance(inner, dict | list):
                walk(inner)

    if isinstance(tree, dict | list):
        walk(tree)
    if not places:
        return data
    (holder, key), (source, at) = random.choice(places), random.choice(places)
    match random.randrange(7):
        case 0:
            del holder[key]
        case 1:
            holder[key] = source[at]
        case 2 if isinstance(holder, dict):
            holder[random.choice(KEYS)] = holder.pop(key)
        case 3 if isinstance(holder, list):
            holder.insert(random.randrange(len(holder) + 1), source[at])
        case 4:
            holder[key] = [holder[key]] * random.randrange(4)
        case 5:
            holder[key] = {random.choice(KEYS): holder[key]}
        case _:
            holder[key] = any_value(random)
    return written(tree, random)


def any_value(random: Random) -> str:
    """Choose a value; what begins like markup stands in quotes, as a rule."""
    value = random.choice(VALUES)
    return Quoted(value) if value[:1] in "*&!|>-?@`%'\"<" and random.random() < 0.8 else value


class Quoted(str):
    """Text that stands in quotes."""


class _Loader(yaml.CBaseLoader):
    """Reads text as it is, and remembers what stood in quotes."""

    def construct_scalar(self, node: yaml.ScalarNode) -> str:
        return Quoted(node.value) if node.style in ("'", '"') else str(node.value)


def written(tree: Any, random: Random) -> bytes:
    """Write a tree as YAML: plain words where they were plain, in block or flow style."""
    style = random.choice((None, True, False))
    try:
        text = yaml.dump(
            tree, Dumper=_Dumper, default_flow_style=style, allow_unicode=True, sort_keys=False
        )
    except (RecursionError, yaml.YAMLError):
        return b""
    return text.encode(errors="surrogatepass")


class _Dumper(yaml.SafeDumper):
    """Writes text as it is, so that what was a number or a word is one again."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    plain = re.fullmatch(r"[\w./+-][\w./+ -]*|[*&!%@`'\"|>].*", text)
    style = None if plain or text == "" else '"'
    # As a tag that a plain scalar can have by itself: the emitter then writes no tag and no quotes.
    tag = (
        dumper.resolve(yaml.ScalarNode, text, (True, False))
        if style is None
        else "tag:yaml.org,2002:str"
    )
    return dumper.represent_scalar(tag, text, style)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(
    Quoted, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), '"')
)

MUTATIONS: tuple[Callable[[bytes, Random], bytes], ...] = (
    *(_tokens, _tokens, _tokens, _lines, _lines, _raw, _anchors, _cut, _spliced),
)
