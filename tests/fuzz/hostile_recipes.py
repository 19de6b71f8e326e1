"""Recipes made to be slow, large or deep, each by a name that says how."""

from __future__ import annotations

from collections.abc import Callable, Mapping

LARGEST = 16 * 2**20 - 200
"""Letters, a little fewer than the bytes that a file may have."""
N = 20_000

HEAD = "apiVersion: recipec/v1\nname: x\nmodel: {uses: toys.model}\n"
STAGE = "stages:\n  - {id: a, uses: toys.scale}\n"
TOY = HEAD + STAGE
TORCH = (
    "apiVersion: recipec/v1\nname: x\nmodel: {uses: torch.model, with: {builder: "
    "'recipec_torch.zoo:resnet', args: {ARGS}, input: {x: {shape: [N, 1, 8, 8]}}}}\n"
    "stages:\n  - {id: a, uses: STEP}\n"
)


def many(count: int, template: str) -> str:
    """Repeat a template, `#` being the number of each."""
    return "".join(template.replace("#", str(number)) for number in range(count))


def listed(count: int, template: str) -> str:
    """The same with commas between."""
    return ", ".join(template.replace("#", str(number)) for number in range(count))


def torch(args: str = "", step: str = "onnx.export") -> str:
    return TORCH.replace("ARGS", args).replace("STEP", step)


def pruned(include: str) -> str:
    return torch(step=f"prune.channels, with: {{amount: 0.5, include: [{include}]}}")


def bomb(levels: int) -> str:
    rows = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, levels)]
    return "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(rows)


SCALARS: Mapping[str, Callable[[], str]] = {
    "a plain scalar of 16 MB": lambda: "a: " + "x" * LARGEST,
    "a name of 16 MB": lambda: TOY.replace("name: x", "name: " + "x" * LARGEST),
    "a quoted scalar of 16 MB": lambda: 'a: "' + "x" * LARGEST + '"',
    "8 million escapes": lambda: 'a: "' + r"\n" * (LARGEST // 2) + '"',
    "a block of 4 million lines": lambda: "a: |\n" + "  x\n" * (LARGEST // 4),
    "a folded block of 4 million lines": lambda: "a: >\n" + "  x\n" * (LARGEST // 4),
    "a plain scalar of 4 million lines": lambda: "a:\n" + "  x\n" * (LARGEST // 4),
    "16 million digits": lambda: "a: " + "1" * LARGEST,
    "16 million decimals": lambda: "a: 1." + "1" * LARGEST,
    "an exponent of 16 million digits": lambda: "a: 1e" + "1" * LARGEST,
    "16 million hexadecimal digits": lambda: "a: 0x" + "f" * LARGEST,
    "a key of 16 MB": lambda: "? " + "x" * LARGEST + "\n: 1",
    "an unknown key of 1 MB": lambda: TOY + "? " + "z" * 10**6 + "\n: 1\n",
    "a stage's name of 1 MB": lambda: f"{TOY}baseline: {'z' * 10**6}\n",
    "an operator of 1 MB": lambda: TOY.replace("toys.model", "toys." + "x" * 10**6),
    "a parameter's name of 1 MB": lambda: TOY.replace(
        "toys.scale", f"toys.scale, with: {{? {'x' * 10**6} : 1}}"
    ),
    "an apiVersion of 16 MB": lambda: "apiVersion: " + "x" * LARGEST,
    "8 million letters of two bytes": lambda: "a: " + "é" * (LARGEST // 2),
    "4 million emoji": lambda: "a: " + "😀" * (LARGEST // 4),
    "a control character behind 4 million letters": lambda: "a: " + "é" * (LARGEST // 4) + "\x07",
    "a quote that isn't closed for 16 MB": lambda: "a: '" + "x" * LARGEST,
    "a mistake behind 16 MB": lambda: "a: " + "x" * (LARGEST - 9) + " : : }",
    "an anchor of 16 MB": lambda: f"a: &{'x' * LARGEST} 1",
    "a tag of 16 MB": lambda: f"a: !{'x' * LARGEST} 1",
    "a bound of 100,000 digits": lambda: (
        f"{TOY}gates:\n  - {{stage: a, metric: x, max: '{'9' * 10**5}ms'}}\n"
    ),
}
SHAPES: Mapping[str, Callable[[], str]] = {
    "a million keys": lambda: many(1_000_000, "k#: 1\n"),
    "200,000 parameters": lambda: TOY.replace(
        "toys.model", f"toys.model, with: {{{listed(200_000, 'k#: 1')}}}"
    ),
    "200,000 stages that are none": lambda: f"{HEAD}stages:\n" + "  - 1\n" * 200_000,
    "90,000 wrong stages on one line": lambda: (
        "{apiVersion: recipec/v1, name: x, model: {uses: toys.model}, stages: ["
        + listed(90_000, "1")
        + "]}"
    ),
    "8 million entries": lambda: f"a: [{'1,' * (LARGEST // 2)}]",
    "8 million commas": lambda: f"a: [{', ' * (LARGEST // 2)}]",
    "4 million entries in lines": lambda: "a:\n" + "- 1\n" * (LARGEST // 4),
    "5 million empty lists": lambda: f"a: [{'[],' * (LARGEST // 3)}]",
    "16 million brackets": lambda: "[" * LARGEST,
    "4 million braces": lambda: "{a: " * (LARGEST // 4),
    "8 million dashes": lambda: "- " * (LARGEST // 2),
    "8 million question marks": lambda: "? " * (LARGEST // 2),
    "5,000 levels of keys": lambda: "".join(" " * i + "a:\n" for i in range(5000)),
    "100,000 anchors": lambda: many(100_000, "k#: &a# 1\n"),
    "60,000 anchors and aliases": lambda: many(60_000, "k#: &a# 1\nl#: *a#\n"),
    "5 million aliases": lambda: f"a: &a 1\nb: [{'*a,' * (LARGEST // 3)}]",
    "an alias bomb": lambda: bomb(40),
    "a small alias bomb": lambda: bomb(5),
    "aliases that nest": lambda: (
        "a0: &a0 [x]\n"
        + "".join(f"a{i}: &a{i} {'[' * 50}*a{i - 1}{']' * 50}\n" for i in range(1, 200))
    ),
    "16 million newlines": lambda: "\n" * LARGEST,
    "16 million newlines, then a key": lambda: "\n" * LARGEST + "a: 1",
    "8 million comments": lambda: "#\n" * (LARGEST // 2) + "a: 1",
    "a comment of 16 MB": lambda: "#" + "x" * LARGEST + "\na: 1",
    "16 million spaces": lambda: " " * LARGEST,
    "16 million tabs": lambda: "\t" * LARGEST,
    "8 million CR LF": lambda: "a: 1\r\n" + "\r\n" * (LARGEST // 2 - 10),
    "100,000 keys, then the same": lambda: many(90_000, "k#: 1\n") + "k5: 1\n",
    "2 million directives": lambda: "%FOO bar\n" * (LARGEST // 9),
    "4 million documents": lambda: "---\n" * (LARGEST // 4),
    "190,000 arguments of a builder": lambda: torch(f"a: [{'1,' * 190_000}]"),
}
NAMES: Mapping[str, Callable[[], str]] = {
    "unknown stages in needs": lambda: TOY + many(N, "  - {id: s#, uses: toys.scale, needs: q#}\n"),
    "stages that come later": lambda: (
        f"{HEAD}stages:\n"
        + "".join(f"  - {{id: s{i}, uses: toys.scale, needs: s{i + 1}}}\n" for i in range(N))
    ),
    "unknown operators": lambda: TOY + many(N, "  - {id: s#, uses: toys.scael}\n"),
    "unknown parameters": lambda: TOY + many(N, "  - {id: s#, uses: toys.scale, with: {f: 1}}\n"),
    "unknown inputs": lambda: TOY + many(N, "  - {id: s#, uses: toys.scale, needs: {m: model}}\n"),
    "unknown data": lambda: TOY + many(N, "  - {id: s#, uses: toys.scale, with: {data: q}}\n"),
    "one id": lambda: TOY + "  - {id: b, uses: toys.scale}\n" * N,
    "kinds that don't meet": lambda: (
        f"{HEAD}stages:\n  - {{id: p, uses: toys.pack}}\n"
        + many(N, "  - {id: s#, uses: toys.scale, needs: p}\n")
    ),
    "what operators refuse": lambda: (
        TOY + many(N, "  - {id: s#, uses: toys.drop, needs: model, with: {amount: 0.00001}}\n")
    ),
    "data with an unknown parameter": lambda: (
        f"{HEAD}data:\n" + many(N, "  d#: {uses: toys.numbers, with: {coutn: 1}}\n") + STAGE
    ),
    "data without files": lambda: (
        f"{HEAD}data:\n" + many(N, "  d#: {uses: toys.numbers, with: {file: f#}}\n") + STAGE
    ),
    "one output": lambda: f"{TOY}outputs: [{listed(N, 'a')}]\n",
    "unknown outputs among stages like them": lambda: (
        f"{HEAD}stages:\n"
        + many(15_000, "  - {id: s#, uses: toys.scale}\n")
        + f"outputs: [{listed(5000, 't#')}]\n"
    ),
    "gates on nothing": lambda: f"{TOY}gates:\n" + "  - {stage: a, metric: q, min: 1}\n" * N,
    "one gate": lambda: (
        f"{TOY}measure: {{metrics: [numbers]}}\ngates:\n"
        + "  - {stage: a, metric: numbers.count, min: 1}\n" * 15_000
    ),
    "unknown metrics": lambda: f"{TOY}measure: {{metrics: [{listed(50_000, 'm#')}]}}\n",
    "one metric": lambda: f"{TOY}measure: {{metrics: [{listed(50_000, 'numbers')}]}}\n",
    "unknown options": lambda: (
        f"{TOY}measure: {{metrics: [{{numbers: {{{listed(50_000, 'm#: 1')}}}}}]}}\n"
    ),
    "unknown lints": lambda: f"{TOY}silence:\n" + many(N, "  - {lint: x#, reason: y}\n"),
    "50,000 selectors": lambda: pruned(listed(50_000, "zz#*")),
    "10,000 selectors that match nothing": lambda: pruned(listed(10_000, "zz#*")),
    "a selector of 600,000 letters": lambda: pruned(f"'re:{'(a|b)*' * 100_000}c'"),
    "a selector that backtracks": lambda: pruned("'re:(.*.*.*.*.*.*.*)*x'"),
    "a glob that backtracks": lambda: pruned(f"'{'*a' * 99}'"),
}
COMPOSED: Mapping[str, Callable[[], str]] = {
    "variables that nothing uses": lambda: f"{TOY}vars:\n" + many(N, "  v#: 1\n"),
    "unknown variables": lambda: (
        f"{HEAD}data:\n"
        + many(N, "  d#: {uses: toys.numbers, with: {count: '${vars.q}'}}\n")
        + STAGE
    ),
    "variables in a circle": lambda: (
        f"{TOY}vars:\n" + "".join(f"  v{i}: '${{vars.v{(i + 1) % N}}}'\n" for i in range(N))
    ),
    "variables in a chain": lambda: (
        f"{TOY}vars:\n"
        + "".join(f"  v{i}: '${{vars.v{i + 1}}}'\n" for i in range(N))
        + f"  v{N}: 1\n"
    ),
    "a text of 90,000 look-ups": lambda: f"{TOY}vars:\n  a: x\n  b: '{'${vars.a}' * 90_000}'\n",
    "100,000 look-ups in the environment": lambda: (
        f"{TOY}description: '{'${env:HOME}' * 100_000}'\n"
    ),
    "90,000 texts of 300 variables": lambda: (
        f"{TOY}vars:\n"
        + many(300, "  v#: 1\n")
        + many(300, f"  w#: '{''.join(f'${{vars.v{i}}}' for i in range(300))}'\n")
    ),
    "a text that grows tenfold": lambda: (
        f"{TOY}vars:\n  v0: xxxxxxxxxx\n"
        + "".join(f"  v{i}: '{f'${{vars.v{i - 1}}}' * 10}'\n" for i in range(1, 12))
    ),
    "a list that grows tenfold": lambda: (
        f"{TOY}vars:\n  v0: [x]\n" + "".join(_tenfold(i) for i in range(1, 12))
    ),
    "variables that nest": lambda: (
        f"{TOY}vars:\n  v0: [x]\n" + "".join(_nested(i) for i in range(1, 100))
    ),
    "a list of 100,000 looked up 19 times": lambda: (
        f"vars:\n  v: [{'1,' * 100_000}]\n" + torch(listed(19, "a#: '${vars.v}'"))
    ),
    "5 million openings": lambda: f"{TOY}description: '{'${' * 5_000_000}'\n",
    "an opening before 16 MB": lambda: f"{TOY}description: '${{{'a' * LARGEST}'\n",
    "variables of the wrong type": lambda: (
        f"{TOY}vars:\n" + many(N, "  v#: {type: number, default: x}\n")
    ),
    "none of 90,000 choices": lambda: (
        f"{TOY}vars:\n  v: {{default: z, choices: [{listed(90_000, '#')}]}}\n"
    ),
    "a matrix of 10,000 variants": lambda: f"{TOY}matrix:\n  seed: [{listed(10_000, '#')}]\n",
    "a matrix of 10³⁰ variants": lambda: (
        f"{TOY}matrix:\n" + many(30, "  stages.a.with.x#: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n")
    ),
    "unknown axes": lambda: f"{TOY}matrix:\n" + many(N, "  vars.x#: [0]\n"),
    "unknown axes in exclude": lambda: (
        f"{TOY}matrix:\n  seed: [0, 1]\n  exclude:\n" + many(N, "    - {sead: #}\n")
    ),
    "3,990 exclusions": lambda: (
        f"{TOY}matrix:\n  seed: [{listed(4000, '#')}]\n  exclude:\n"
        + many(3990, "    - {seed: #}\n")
    ),
    "4,000 variants of long texts": lambda: (
        f"{TOY}matrix:\n  description: [{listed(4000, 'x' * 3000 + '#')}]\n"
    ),
    "30,000 presets": lambda: f"{TOY}presets:\n" + many(30_000, "  p#: {seed: 1}\n"),
    "wrong presets": lambda: f"{TOY}presets:\n" + many(N, "  p#: {sead: 1}\n"),
    "presets of unknown stages": lambda: (
        f"{TOY}presets:\n" + many(N, "  p#: {stages: [{id: b#, with: {}}]}\n")
    ),
    "files that aren't there": lambda: f"{TOY}extends: [{listed(N, 'f#.yaml')}]\n",
}


def _tenfold(level: int) -> str:
    inner = ", ".join([f'"${{vars.v{level - 1}}}"'] * 10)
    return f"  v{level}: [{inner}]\n"


def _nested(level: int) -> str:
    return f"  v{level}: {'[' * 40}'${{vars.v{level - 1}}}'{']' * 40}\n"


HOSTILE: Mapping[str, Callable[[], str]] = {**SCALARS, **SHAPES, **NAMES, **COMPOSED}
