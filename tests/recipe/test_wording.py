"""Pydantic's errors become sentences for people who write YAML."""

import re
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError, field_validator
from pydantic_core._pydantic_core import list_all_errors

from recipec.api import Params
from recipec.recipe.fields import spot
from recipec.recipe.problems import diagnose
from recipec.recipe.wording import sentence
from recipec.source import read_document

JARGON = re.compile(
    r"\b(Input|dict|dictionary|tuple|str|string|int|integer|instance|None|True|False|valid)\b"
)


class One(Params):
    kind: Literal["one"] = Field("one", description="One.")
    size: int = Field(1, ge=1, description="Its size.")


class Two(Params):
    kind: Literal["two"] = Field("two", description="Two.")
    width: float = Field(1.0, gt=0, description="Its width.")


class Everything(Params):
    needed: int = Field(description="A number.")
    share: float = Field(0.5, ge=0, lt=1, description="A share.")
    many: tuple[Annotated[int, Field(ge=1)], ...] = Field((1,), min_length=1, max_length=3)
    even: int = Field(2, multiple_of=2, description="An even number.")
    word: str = Field("x", min_length=1, max_length=5, description="A word.")
    version: str = Field("8.9", pattern=r"^\d\.\d$", examples=["8.9"])
    flag: bool = Field(False, description="A flag.")
    choice: Literal["minmax", "histogram", 3] = Field("minmax", description="A choice.")
    either: int | Literal["N"] | dict[str, int] = Field(1, description="One of three.")
    form: Annotated[One | Two, Field(discriminator="kind")] = Field(default_factory=One)
    inner: One | None = Field(None, description="A mapping.")
    named: dict[str, One] = Field(default_factory=dict, description="Some by name.")

    @field_validator("word")
    @classmethod
    def _kind(cls, word: str) -> str:
        if word == "bad":
            raise ValueError("That word is not for recipes")
        return word


def told(text):
    document = read_document(text, "r.yaml")
    try:
        Everything.model_validate(document.value)
    except ValidationError as problem:
        return list(diagnose(problem, Everything, document.spans, document.value))
    return []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("needed: 1.5", "needed should be a whole number, not 1.5"),
        ("needed: many", "needed should be a whole number, not 'many'"),
        ("needed: [1]", "needed should be a whole number, not a list"),
        ("needed: null", "needed should be a whole number, not null"),
        ("needed: 1\nshare: 1.0", "share should be at least 0 and less than 1, not 1.0"),
        ("needed: 1\nmany: []", "many needs at least 1 entry"),
        ("needed: 1\nmany: [1, 2, 3, 4]", "many can have 3 entries, and has 4"),
        ("needed: 1\nmany: [1, 0]", "many[1] should be at least 1, not 0"),
        ("needed: 1\nmany: [0]", "many[0] should be at least 1, not 0"),
        ("needed: 1\nmany: 5", "many should be a list, not 5"),
        ("needed: 1\neven: 3", "even should be a multiple of 2, not 3"),
        ("needed: 1\nword: ''", "word should be text that isn't empty, not ''"),
        (
            "needed: 1\nword: too long",
            "word should be text of at most 5 characters, not 'too long'",
        ),
        ("needed: 1\nword: 5", "word should be text, not 5"),
        ("needed: 1\nword: bad", "word: that word is not for recipes"),
        ("needed: 1\nversion: 8.9.1", "version should be text such as '8.9', not '8.9.1'"),
        ("needed: 1\nflag: maybe", "flag should be true or false, not 'maybe'"),
        ("needed: 1\nchoice: minmux", "choice should be 'minmax', 'histogram' or 3, not 'minmux'"),
        ("needed: 1\neither: x", "either should be a whole number, 'N' or a mapping of keys to"),
        ("needed: 1\neither: {a: x}", "a should be a whole number, not 'x'"),
        ("needed: 1\nform: {kind: tow}", "kind should be 'one' or 'two', not 'tow'"),
        ("needed: 1\nform: {kind: two, width: 0}", "width should be more than 0, not 0"),
        ("needed: 1\nform: 5", "form should be a mapping of keys to values, not 5"),
        ("needed: 1\ninner: {size: 0}", "size should be at least 1, not 0"),
        ("needed: 1\nnamed: {a: {size: no}}", "size should be a whole number, not 'no'"),
        ("needed: 1\nnamed: {a: {sise: 1}}", "named.a has no 'sise'"),
    ],
)
def test_one_problem_is_one_sentence(text, message):
    [problem] = told(text)
    assert problem.message.startswith(message)
    assert not JARGON.search(problem.message)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("needed: 1\nchoice: minmux", "did you mean 'minmax'?"),
        ("needed: 1\nchoice: MinMax", "did you mean 'minmax'?"),
        ("needed: 1\nform: {kind: tow}", "did you mean 'two'?"),
        ("needed: 1\nform: {kind: two, widht: 1}", "did you mean 'width'?"),
        ("needed: 1\nform: {width: 1}", "kind: one or two"),
        ("needed: 1\nwidth: 3", "'width' is a key of form: write form: {width: …}"),
        ("needed: 1\nnamed: {a: {sise: 1}}", "did you mean 'size'?"),
        ("needed: 1\nversion: 8.9", "in quotes it is text: '8.9'"),
        ("share: 0.1", "needed: A number."),
    ],
)
def test_hints_say_what_to_write(text, hint):
    [problem] = told(text)
    assert problem.hint == hint


def test_a_key_of_another_branch_is_no_key_of_this_one():
    [problem] = told("needed: 1\nform: {kind: two, size: 3}")
    assert problem.code == "unknown-key"
    assert problem.hint == "it has: kind, width"


def test_the_place_is_that_of_the_value():
    [problem] = told("needed: 1\nform: {kind: two, width: 0}")
    assert (problem.span.line, problem.span.column) == (2, 26)


@pytest.mark.parametrize("error", list_all_errors(), ids=lambda error: error["type"])
def test_no_error_of_pydantics_keeps_its_prefix(error):
    """Whatever a plugin's types raise, it reads as a sentence."""
    context = error.get("example_context") or {}
    message = error["example_message_python"]
    details = {"type": error["type"], "msg": message, "input": 5, "ctx": context, "loc": ("x",)}
    said = sentence("x", [details], spot(Everything, ("needed",)), 5)
    assert said.startswith("x")
    assert "Input should be" not in said
    assert "Value error" not in said
