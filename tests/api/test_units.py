"""Quantities carry their unit; what could be misread is refused, with the readings."""

import math
import re
from typing import Annotated

import pytest
from jsonschema import Draft202012Validator
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from recipec.api import ByteSize, Drop, Duration, Params, Points, Ratio, Share
from recipec.api.units import (
    Fall,
    parse_bytes,
    parse_count,
    parse_drop,
    parse_duration,
    parse_points,
    parse_rate,
    parse_ratio,
    parse_share,
)


def refusal(parse, value):
    with pytest.raises(PydanticCustomError) as raised:
        parse(value)
    return raised.value.message(), (raised.value.context or {}).get("hint") or ""


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (parse_duration, "5ms", 0.005),
        (parse_duration, "3 us", 3e-6),
        (parse_duration, "3µs", 3e-6),  # the micro sign
        (parse_duration, "3\u03bcs", 3e-6),  # the Greek letter
        (parse_duration, "250ns", 250e-9),
        (parse_duration, "1.5min", 90.0),
        (parse_duration, "2h", 7200.0),
        (parse_duration, "5e3ms", 5.0),
        (parse_bytes, "64MiB", 64 * 2**20),
        (parse_bytes, "1kB", 1000),
        (parse_bytes, "1.5 GB", 1_500_000_000),
        (parse_bytes, "17B", 17),
        (parse_ratio, "3x", 3.0),
        (parse_ratio, "0.95x", 0.95),
        (parse_points, "1pp", 0.01),
        (parse_drop, "1pp", Fall(0.01, relative=False)),
        (parse_drop, "1%", Fall(0.01, relative=True)),
        (parse_share, "40%", 0.4),
        (parse_share, 0.4, 0.4),
        (parse_share, 0, 0.0),
        (parse_share, 1.0, 1.0),
        (parse_share, "100%", 1.0),
        (parse_count, 44226, 44226.0),
        (parse_count, "25.6M", 25_600_000.0),
        (parse_rate, "1000/s", 1000.0),
        (parse_rate, "1.5k/s", 1500.0),
    ],
)
def test_what_is_read(parse, text, value):
    assert parse(text) == value


@pytest.mark.parametrize("percent", range(101))
def test_percentages_are_the_nearest_floats(percent):
    assert parse_share(f"{percent}%") == percent / 100


@pytest.mark.parametrize(
    ("parse", "bare", "readings"),
    [
        (parse_duration, 5, ["5ms", "5s"]),
        (parse_bytes, 64, ["64B", "64MiB"]),
        (parse_ratio, 3, ["3x", "1.03x"]),
        (parse_points, 0.01, ["0.01pp", "1pp"]),
        (parse_drop, 0.01, ["1pp", "1%"]),
        (parse_drop, 1, ["1pp", "1%"]),
        (parse_share, 1, ["1%", "100%"]),
        (parse_share, 40, ["40%", "4000%"]),
        (parse_share, 400, ["400%", "40000%"]),
    ],
)
def test_a_bare_number_that_could_be_misread_is_refused_with_both_readings(parse, bare, readings):
    message, _ = refusal(parse, bare)
    assert " or ".join(readings) in message


@pytest.mark.parametrize(
    ("parse", "text", "hint"),
    [
        (parse_duration, "5 Ms", "did you mean '5ms'?"),
        (parse_duration, "5m", "did you mean '5min' or '5ms'?"),
        (parse_duration, "5 seconds", "did you mean '5s'?"),
        (parse_duration, "5 parsec", "units: ns, us, µs, ms, s, min, h"),
        (parse_bytes, "1KB", "did you mean '1kB' (1,000 bytes) or '1KiB' (1,024 bytes)?"),
        (parse_bytes, "1kb", "did you mean '1kB' (1,000 bytes) or '1KiB' (1,024 bytes)?"),
        (parse_bytes, "64Mb", "did you mean '64MB' (64,000,000 bytes) or '64MiB'"),
        (parse_bytes, "2 megabytes", "did you mean '2MB'"),
        (parse_ratio, "3×", "did you mean '3x'?"),
        (parse_points, "1%", "did you mean '1pp'?"),
        (parse_share, "40 percent", "did you mean '40%'?"),
        (parse_count, "11m", "did you mean '11M'?"),
        (parse_count, "1B", "did you mean '1G'?"),
        (parse_rate, "1000 Hz", "did you mean '1000/s'?"),
    ],
)
def test_a_wrong_unit_is_refused_with_the_one_that_was_meant(parse, text, hint):
    message, said = refusal(parse, text)
    assert "is not a unit of" in message
    assert hint in said


PARSERS = [parse_duration, parse_bytes, parse_ratio, parse_points, parse_drop]
PARSERS += [parse_share, parse_count, parse_rate]


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, ".inf", "nan"])
def test_what_is_not_finite_is_refused_in_words(parse, value):
    assert "is not a finite number" in refusal(parse, value)[0]


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    "value", [True, None, [1], {"a": 1}, "", "fast", "1h30min", "٣ms", "5..ms", "9" * 600, 10**500]
)
def test_what_is_no_quantity_is_refused_without_a_word_of_python(parse, value):
    message, hint = refusal(parse, value)
    for word in ("True", "None", "dict", "tuple", "str", "float("):
        assert word not in message + hint
    assert len(message) < 200


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_duration, "1e9999s"),
        (parse_bytes, "1e40GB"),
        (parse_ratio, "1e300x"),
        (parse_drop, "120pp"),
        (parse_count, "1e40k"),
        (parse_count, 1e30),
    ],
)
def test_what_is_too_large_is_refused(parse, text):
    assert "too large" in refusal(parse, text)[0]


@pytest.mark.parametrize("parse", PARSERS)
def test_what_is_negative_is_refused(parse):
    unit = {parse_duration: "s", parse_bytes: "B", parse_ratio: "x", parse_points: "pp"}
    unit |= {parse_drop: "pp", parse_share: "%", parse_count: "k", parse_rate: "/s"}
    assert "negative" in refusal(parse, f"-1{unit[parse]}")[0]


def test_a_ratio_of_nothing_is_refused():
    assert "more than 0" in refusal(parse_ratio, "0x")[0]


@pytest.mark.parametrize("kind", [ByteSize, Duration, Ratio, Points, Drop])
def test_text_is_kept_as_it_is_written(kind):
    adapter = TypeAdapter(kind)
    [example, *_] = adapter.json_schema()["examples"]
    assert adapter.validate_python(example) == example


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (ByteSize, ["64MiB", " 1 kB ", ".5GB"], ["64", 64, "1KB", "-1B", "1Ki"]),
        (Duration, ["5ms", "5 µs", "5\u03bcs", "1e3s"], ["5", 5, "5 Ms", "-5s", "٣s"]),
        (Ratio, ["3x", "0.5x", " 1e-2 x"], ["3", 3, "3X", "3%", "0x", "0.0x", "0e5x"]),
        (Points, ["1pp"], ["1%", 1, "1 points"]),
        (Drop, ["1pp", "1%"], ["1", 0.01, "1 percent"]),
        (
            Share,
            ["40%", "0.1 %", ".5%", "100.0%", 0.4, 0, 1.0],
            ["40", 40, "40pp", True, None, -0.1, "0.4 %%", "100.1%", "1e1%", "+4%"],
        ),
    ],
)
def test_the_json_schema_says_what_is_accepted(kind, good, bad):
    adapter = TypeAdapter(kind)
    schema = Draft202012Validator(adapter.json_schema())
    for value in good:
        adapter.validate_python(value)
        assert schema.is_valid(value), value
    for value in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)
        assert not schema.is_valid(value), value


class Sharing(Params):
    amount: Share = Field(gt=0, lt=1, description="A share.")
    rest: Share = Field(default=0.5, description="Another.")
    least: Annotated[Share, Field(gt=0)] | None = Field(default=None, description="A third.")


def test_a_share_is_a_float_within_the_fields_bounds():
    params = Sharing.model_validate({"amount": "40%"})
    assert params.model_dump(mode="json") == {"amount": 0.4, "rest": 0.5, "least": None}
    for amount in ("0%", "100%", 0, 1.0):
        with pytest.raises(ValidationError):
            Sharing.model_validate({"amount": amount})


def test_a_share_is_keyed_as_the_same_number_however_it_is_written():
    written = [Sharing.model_validate({"amount": a}).model_dump_json() for a in ("40%", 0.4)]
    assert written[0] == written[1]


def test_what_a_share_dumps_is_read_again():
    params = Sharing.model_validate({"amount": "40%", "rest": "100%"})
    assert Sharing.model_validate(params.model_dump(mode="json")) == params


def test_a_share_in_the_json_schema_has_the_fields_bounds():
    properties = Sharing.model_json_schema()["properties"]
    [number, percent] = properties["amount"]["anyOf"]
    assert number == {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
    for text, fits in {
        "40%": True,
        "0.1%": True,
        "0%": False,
        "0.0%": False,
        "100%": False,
    }.items():
        assert bool(re.search(percent["pattern"], text)) is fits
    assert properties["amount"]["examples"]
    [optional, _] = properties["least"]["anyOf"]
    assert optional["anyOf"][0] == {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
