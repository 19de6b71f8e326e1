"""Where the schema and recipec don't agree, one by one, each with the reason.

Keys are names of broken recipes (`tests/diagnostics/NAME.yaml`) that the schema accepts. A test
fails for a disagreement that isn't here, and for an entry on which they agree.
"""

import re

YAML = "the text isn't YAML, or not YAML that recipec reads: an editor's parser tells, or nobody"
ELSEWHERE = "whether a name is known stands elsewhere in the recipe, which a schema can't look up"
ORDER = "the order of the stages decides, which a schema can't follow"
MODEL = "only the plan knows: it depends on what operators make of the model"
DISK = "only the disk knows"
LOOKUP = "what a look-up stands for is known when the recipe is read"
COMPARISON = "a schema can't compare two values"
OTHER_FILE = "it depends on what the extended file says"
AXES = "axes are named as --set names values, and are held against the recipe and each other"
SETTING = "what is wrong is given on the command line"
INSTALLED = "what is installed, and in which version, may change without the schema"
VALUE = "a mapping may be the variable's value"

BROKEN = {
    "baseline-unknown": ELSEWHERE,
    "code-file-missing": DISK,
    "data-file-missing": DISK,
    "data-unknown-in-measure": ELSEWHERE,
    "data-unknown-in-parameter": ELSEWHERE,
    "duplicate-key": YAML,
    "gate-compares-with-nothing": ELSEWHERE,
    "gate-metric-not-exact": ELSEWHERE,
    "gate-metric-not-measured-there": ELSEWHERE,
    "gate-metric-unknown": ELSEWHERE,
    "gate-stage-unknown": ELSEWHERE,
    "kinds-dont-meet": ORDER,
    "lookup-unknown-variable": LOOKUP,
    "needs-itself": ORDER,
    "needs-later-stage": ORDER,
    "needs-unknown-stage": ELSEWHERE,
    "output-unknown": ELSEWHERE,
    "parameter-impossible-for-the-model": MODEL,
    "plugin-missing": INSTALLED,
    "plugin-of-another-package": INSTALLED,
    "plugin-of-wrong-version": INSTALLED,
    "silence-unknown-stage": ELSEWHERE,
    "stage-id-twice": ELSEWHERE,
    "variable-not-a-choice": COMPARISON,
    "variable-out-of-bounds": COMPARISON,
    "variable-without-value": "a value may come from --set",
    "yaml-recursive-alias": YAML,
    "yaml-tab": YAML,
    "yaml-tag": YAML,
    "yaml-unclosed": YAML,
}

COMPOSITION = {
    "extends-a-folder": DISK,
    "extends-a-list": OTHER_FILE,
    "extends-base-file-missing": OTHER_FILE,
    "extends-base-id-twice": OTHER_FILE,
    "extends-base-misspelt": OTHER_FILE,
    "extends-circle": OTHER_FILE,
    "extends-itself": DISK,
    "extends-lookup": LOOKUP,
    "extends-missing-file": DISK,
    "extends-missing-package": DISK,
    "extends-not-yaml": OTHER_FILE,
    "extends-outside-package": DISK,
    "extends-override-wrong": OTHER_FILE,
    "extends-variable-out-of-bounds": OTHER_FILE,
    "extends-variable-wrong-type": OTHER_FILE,
    "extends-without-version": OTHER_FILE,
    "lookup-key-in-looked-up-mapping": LOOKUP,
    "lookup-list-in-text": LOOKUP,
    "lookup-unknown-data": ELSEWHERE,
    "lookup-unknown-stage": ELSEWHERE,
    "matrix-axis-unknown": AXES,
    "matrix-axis-within-axis": AXES,
    "matrix-empty": AXES,
    "matrix-exclude-all": AXES,
    "matrix-exclude-covered": AXES,
    "matrix-exclude-twice": AXES,
    "matrix-exclude-unknown-axis": AXES,
    "matrix-exclude-unknown-value": AXES,
    "matrix-include-known": AXES,
    "matrix-of-name": AXES,
    "matrix-of-unused-variable": AXES,
    "matrix-same-axis-twice": AXES,
    "matrix-stage-unknown": AXES,
    "matrix-too-large": AXES,
    "matrix-value-out-of-bounds": AXES,
    "matrix-value-twice": AXES,
    "matrix-wrong-parameter": AXES,
    "overlay-after-each-other": ELSEWHERE,
    "overlay-after-removed": OTHER_FILE,
    "overlay-after-unknown": OTHER_FILE,
    "overlay-change-unknown": OTHER_FILE,
    "overlay-data-change-unknown": OTHER_FILE,
    "overlay-data-remove-unknown": OTHER_FILE,
    "overlay-id-twice": ELSEWHERE,
    "overlay-in-base": OTHER_FILE,
    "overlay-operator-changed": OTHER_FILE,
    "overlay-remove-unknown": OTHER_FILE,
    "overlay-removed-stage-needed": OTHER_FILE,
    "overlay-replace-new": OTHER_FILE,
    "preset-chosen-wrong": ELSEWHERE,
    "preset-operator-changed": ELSEWHERE,
    "preset-stage-unknown": ELSEWHERE,
    "set-below-a-number": SETTING,
    "set-misspelt-parameter": SETTING,
    "set-out-of-bounds": SETTING,
    "set-preset-key": SETTING,
    "set-unknown-data": SETTING,
    "set-unknown-key": SETTING,
    "set-unknown-stage": SETTING,
    "set-unknown-variable": SETTING,
    "set-what-the-matrix-varies": SETTING,
    "set-wrong-parameter": SETTING,
    "set-wrong-type": SETTING,
    "variable-boolean-as-number": COMPARISON,
    "variable-bound-of-text": COMPARISON,
    "variable-bounds-crossed": COMPARISON,
    "variable-choice-wrong-type": COMPARISON,
    "variable-circle": LOOKUP,
    "variable-declaration-misspelt": VALUE,
    "variable-default-wrong-type": COMPARISON,
    "variable-integer-with-fraction": COMPARISON,
    "variable-looks-up-unknown": LOOKUP,
}
"""Broken compositions: `extends`, overlays, presets, matrices, variables, look-ups and settings."""

BROKEN |= COMPOSITION

UNIT = "the metric's unit decides, and the evaluator that measures it says which that is"
EXPRESSION = "JSON Schema can't tell whether text is a regular expression, nor what it costs"
FINITE = "JSON has no infinities and no NaN, and so no word to forbid them"
SIZE = "a pattern of text can't say how large the number in it is"

QUANTITIES = {
    "data-unknown-in-nested-parameter": ELSEWHERE,
    "gate-against-itself": COMPARISON,
    "gate-count-in-bytes": UNIT,
    "gate-count-infinite": FINITE,
    "gate-drop-of-what-should-be-low": UNIT,
    "gate-metric-in-wrong-case": ELSEWHERE,
    "gate-share-in-percent-without-unit": UNIT,
    "gate-share-in-seconds": UNIT,
    "gate-share-of-one": UNIT,
    "number-infinite": FINITE,
    "number-not-a-number-in-free-arguments": FINITE,
    "quantity-share-not-a-number": FINITE,
    "quantity-size-huge": SIZE,
    "selector-expression-unclosed": EXPRESSION,
    "selector-expression-with-lookahead": EXPRESSION,
    "selector-expressions-too-costly": EXPRESSION,
    "selector-kind-misspelt": "names of layers may have a colon",
    "selector-layer-misspelt": MODEL,
    "selector-type-in-wrong-case": MODEL,
    "selector-type-without-prefix": MODEL,
    "selectors-exclude-all": MODEL,
}
"""Broken quantities, gates and selectors."""

BROKEN |= QUANTITIES

OTHER_LINE: dict[str, str] = {}
"""Broken recipes that the schema refuses, but in another line than recipec."""


def _anywhere(value, test):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return test(value) or any(_anywhere(one, test) for one in inner)


def _is_typed_text(value):
    typed = r"\s*[-+]?[\d.]+(e[-+]?\d+)?\s*|true|false|yes|no|on|off|y|n|t|f"
    return isinstance(value, str) and re.fullmatch(typed, value, re.IGNORECASE) is not None


def _is_unordered(value):
    if not isinstance(value, dict):
        return False
    ends = [value[key] for key in ("min", "opt", "max") if isinstance(value.get(key), int | float)]
    return ends != sorted(ends)


def _is_whole_share(value):
    shares = ("end", "tolerance", "alpha", "amount")
    return isinstance(value, dict) and any(type(value.get(k)) is int for k in shares)


VALUES = [
    (
        "recipec reads '8' as a number, as the environment has no types; an editor tells it",
        lambda with_: _anywhere(with_, _is_typed_text),
        ("train.fit", {"data": "train", "batch_size": "8"}),
    ),
    (
        "2 and 2.0 are one number in JSON; recipec takes 2.0 for no number of samples",
        lambda with_: isinstance(with_.get("holdout"), float),
        ("data.python", {"source": "a.b:c", "holdout": 2.0}),
    ),
    (
        COMPARISON,
        lambda with_: _anywhere(with_, _is_unordered),
        ("tensorrt.build", {"batch": {"min": 1, "opt": 2, "max": 1}}),
    ),
    (
        COMPARISON,
        lambda with_: _anywhere(with_.get("gradual_pruning"), lambda v: isinstance(v, dict)),
        ("train.fit", {"data": "a", "epochs": 1, "gradual_pruning": {"final": 0.5, "begin": 0.8}}),
    ),
    (
        "1 and 1.0 are one number in JSON; recipec takes 1.0 for all of a whole, and refuses 1",
        lambda with_: _anywhere(with_, _is_whole_share),
        ("train.fit", {"data": "train", "epochs": 1, "schedule": {"name": "cosine", "end": 1}}),
    ),
    (
        "licences are those of SPDX's list, which is longer than a schema should be",
        lambda with_: "licence" in with_,
        (
            "package.folder",
            {"title": "a", "description": "b", "licence": "no licence", "data": "train"},
        ),
    ),
    (
        "the unit of `min_delta` is that of the `metric` beside it: the schema doesn't ask",
        lambda with_: _anywhere(with_, lambda v: isinstance(v, dict) and "min_delta" in v),
        ("train.fit", {"data": "train", "epochs": 1, "early_stop": {"min_delta": 0.5}}),
    ),
]
"""Where values may differ: the reason, what parameters it is about, and an example that differs."""
