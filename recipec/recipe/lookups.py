"""`${…}` look-ups: `${vars.x}`, `${env:HOME}`, `${stages.prune}`, `${data.train}`.

Each may have a default after `:-`. A string that is one look-up takes the value with its type;
within a longer string the value is written as text. `$${` is a literal `${`. Nothing is ever
evaluated. `${stages.ID}` and `${data.NAME}` give the name itself, checked to be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from recipec.diagnostics import Diagnostic
from recipec.recipe.origins import Origin, brief_origin, home
from recipec.recipe.placed import Placed
from recipec.recipe.suggest import suggestion
from recipec.source import Span, SpanTree, Value

MAX_VALUES: Final = 200_000
"""How many values look-ups may bring into a recipe."""
MAX_DEPTH: Final = 64
"""How many levels a looked-up value may have."""
MAX_TEXT: Final = 2**20
"""How long a text may become by the look-ups in it."""
LOOKUP: Final = re.compile(r"(?<!\$)\$\{([^{}]*)\}")
_FORM: Final = re.compile(
    r"\s*(?:(?P<kind>vars|stages|data)\.(?P<name>[A-Za-z_][\w-]*)|env:(?P<env>[A-Za-z_]\w*))"
    r"\s*(?::-(?P<default>.*))?",
    re.DOTALL,
)


class LookupProblem(Exception):
    """A look-up that can't be followed; without a diagnostic when its cause is told already."""

    def __init__(self, diagnostic: Diagnostic | None) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic


class Known(NamedTuple):
    """A variable's value, its place, and what it means."""

    placed: Placed
    description: str | None = None


class _Found(NamedTuple):
    """What a look-up stands for: the value, the words for where it is from, and the place that a
    relative path in it begins at. `text` is the value where nothing has a type."""

    value: Value
    note: str | None = None
    brief: str | None = None
    home: Span | None = None
    text: str | None = None


@dataclass
class Names:
    """What look-ups can name in a recipe.

    `failed` are variables whose problem is told already, and `consequences` counts the look-ups of
    them; `used` are the variables that something looks up, `asked` the environment's, with their
    values.
    """

    root: Placed
    environment: Mapping[str, str]
    variables: dict[str, Known] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    asked: dict[str, str | None] = field(default_factory=dict)
    consequences: int = 0
    spent: int = 0
    _extents: dict[int, tuple[int, int]] = field(default_factory=dict)

    @cached_property
    def stages(self) -> frozenset[str]:
        """The ids of all stages, and the model."""
        stages = self.root.get("stages")
        values = stages.value if stages and isinstance(stages.value, list) else []
        return frozenset({"model", *(str(e.get("id")) for e in values if isinstance(e, dict))})

    @cached_property
    def data(self) -> frozenset[str]:
        """The names under `data:`."""
        data = self.root.get("data")
        return frozenset(name for name, _ in data.items()) if data else frozenset()

    def follow(self, text: str, place: SpanTree) -> Placed:
        """Replace the look-ups in a string. Raises LookupProblem."""
        whole = LOOKUP.fullmatch(text)
        found: list[_Found] = []

        def one(inner: str) -> _Found:
            found.append(self._one(inner, place))
            return found[-1]

        if whole:
            value = one(whole[1]).value
            self._spend(value, place)
        elif "${" in LOOKUP.sub("", text.replace("$${", "")):
            message = "this look-up isn't closed"
            hint = "write ${vars.NAME}; a literal ${ is written $${"
            if _nested(text):
                message = "a look-up can't stand inside another"
                hint = "give a variable that default, and look the variable up"
            raise _refused(place, "unknown-lookup", message, hint)
        else:
            made: list[str] = []
            end = letters = 0
            for match in LOOKUP.finditer(text):
                made += [text[end : match.start()], _as_text(one(match[1]).value, match[0], place)]
                end = match.end()
                letters += len(made[-2]) + len(made[-1])
                if letters > MAX_TEXT:
                    raise _refused(place, "too-large", f"this text grows beyond {MAX_TEXT} letters")
            value = "".join([*made, text[end:]]).replace("$${", "${")
        return Placed(value, self._place(value, found, text.startswith("${"), bool(whole), place))

    def _place(
        self, value: Value, found: list[_Found], first: bool, whole: bool, place: SpanTree
    ) -> SpanTree:
        notes = _listed((one.note for one in found if one.note), "; ")
        if not notes:
            return place
        brief = _listed((one.brief for one in found if one.brief), ", ")
        text = found[0].text if whole else None
        if not whole and any(one.text is not None for one in found):
            text = str(value)
        start = found[0].home if first else home(place)
        return place._replace(origin=Origin(notes, brief, start, text))

    def _one(self, inner: str, place: SpanTree) -> _Found:
        form = _FORM.fullmatch(inner)
        if form is None:
            message = f"${{{inner}}} is not a look-up"
            raise _refused(place, "unknown-lookup", message, self._hint(inner))
        kind, name, default = form["kind"], form["name"], form["default"]
        if kind == "vars":
            self.used.add(name)
            if name in self.variables:
                return self._variable(name)
            if name in self.failed:
                self.consequences += 1
                raise LookupProblem(None)
            known, what, hint = {*self.variables, *self.failed}, "variable", "vars"
        elif kind == "stages":
            if name in self.stages:
                return _Found(name)
            known, what, hint = set(self.stages), "stage", "stages"
        elif kind == "data":
            if name in self.data:
                return _Found(name)
            known, what, hint = set(self.data), "data", "data"
        else:
            name = form["env"]
            note, brief = f"from the environment variable {name}", f"env:{name}"
            nowhere = Span(brief, 1, 1, 1, 1)
            self.asked[name] = self.environment.get(name)
            if name in self.environment:
                value = self.environment[name]
                return _Found(value, note, brief, nowhere, value)
            if default is not None:
                note = f"from the default, as the environment has no {name}"
                return _Found(default, note, f"{brief}, default", home(place), default)
            message = f"the environment has no {name!r}"
            hint = f"set it, or give a default: ${{env:{name}:-…}}"
            raise _refused(place, "unknown-variable", message, hint)
        if default is not None:
            return _Found(default, home=home(place), text=default)
        message = f"there is no {what} {name!r}"
        said = suggestion(name, known, hint) or f"declare it: {hint}: {{{name}: …}}"
        raise _refused(place, f"unknown-{what}", message, said)

    def _variable(self, name: str) -> _Found:
        (value, place), description = self.variables[name]
        where, origin = place.value, place.origin
        said = f" ({description})" if description else ""
        if where.file.startswith("--set"):
            note = f"from vars.{name}{said}, given by {where.file}"
        else:
            also = f" ({_cut(origin)})" if origin else ""
            note = f"from vars.{name}{said} at {where}{also}; change it with --set {name}=…"
        own = isinstance(origin, Origin) and origin.brief
        brief = f"vars.{name}{':' if own else ' at'} {_cut(brief_origin(place))}"
        text = origin.text if isinstance(origin, Origin) else None
        return _Found(value, note, brief, home(place), text)

    def _hint(self, inner: str) -> str:
        plain = inner.strip().partition(".")[2] or inner.strip()
        if plain in self.variables:
            return f"did you mean ${{vars.{plain}}}?"
        return (
            "write ${vars.NAME}, ${env:NAME}, ${stages.ID} or ${data.NAME}, with a default as "
            "${vars.NAME:-default}; a literal ${ is written $${"
        )

    def _spend(self, value: Value, place: SpanTree) -> None:
        size, depth = self._extent(value)
        self.spent += size
        if self.spent > MAX_VALUES:
            message = f"look-ups bring more than {MAX_VALUES:,} values into the recipe"
            raise _refused(place, "too-large", message)
        if depth > MAX_DEPTH:
            raise _refused(place, "too-deep", f"look-ups nest more than {MAX_DEPTH} levels here")

    def _extent(self, value: Value) -> tuple[int, int]:
        """Count the values in a value, and its levels; what several places share is read once."""
        if not isinstance(value, dict | list):
            return 1, 0
        if id(value) not in self._extents:
            inner = [
                self._extent(v) for v in (value.values() if isinstance(value, dict) else value)
            ]
            size, depth = sum(s for s, _ in inner), max((d for _, d in inner), default=0)
            self._extents[id(value)] = size + 1, depth + 1
        return self._extents[id(value)]


def _refused(place: SpanTree, code: str, message: str, hint: str | None = None) -> LookupProblem:
    return LookupProblem(Placed(None, place).error(code, message, hint))


def _as_text(value: Value, lookup: str, place: SpanTree) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        what = "list" if isinstance(value, list) else "mapping"
        hint = f"write it alone: {lookup}, with nothing before or after it"
        message = f"{lookup} is a {what}, which can't be part of a text"
        raise _refused(place, "unknown-lookup", message, hint)
    return "" if value is None else str(value)


def _listed(words: Iterable[str], between: str) -> str:
    """Join what is said once each, but no more of it than a person reads."""
    said = list(dict.fromkeys(words))
    more = f"{between}and {len(said) - 5} more" if len(said) > 5 else ""
    return between.join(said[:5]) + more


def _cut(said: str) -> str:
    """Shorten what a long chain of variables makes longer with every link."""
    return said if len(said) <= 400 else f"{said[:400]}…"


def _nested(text: str) -> bool:
    """Say whether a look-up stands inside of another one, which isn't closed yet."""
    end = 0
    for match in LOOKUP.finditer(text):
        if "${" in text[end : match.start()].rpartition("}")[2]:
            return True
        end = match.end()
    return False
