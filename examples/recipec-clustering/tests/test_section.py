"""The report's section, from a record's JSON."""

import re

from jinja2 import Environment, StrictUndefined

from recipec_clustering.section import MOST, sections


def book(name, elements=10, **more):
    facts = {"values": [-1.0, 0.0, 3.0], "counts": [2, 4, 1], **more}
    return {"name": name, "bits": 2, "elements": elements, **facts}


def record(*books):
    packed = {"kind": "clustering.codebooks", "codebooks": list(books)}
    sizes = {"file_bytes": 1000, "dense_bytes": 6770}
    made = [{"kind": "torch.module"}, {**packed, **sizes}]
    return {"stages": [{"id": f"s{n}", "made": {"model": m}} for n, m in enumerate(made)]}


def rendered(record):
    (section,) = sections(record)
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(section.template).render(**section.values)


def test_a_run_without_codebooks_has_no_section():
    assert list(sections({"stages": [{"id": "a", "made": {}}]})) == []
    assert list(sections(record())) == []


def test_each_value_has_a_bar_as_high_as_it_is_frequent():
    html = rendered(record(book("fc.weight")))
    assert "1,000 bytes, 6.77 times less" in html
    bars = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="2" height="([\d.]+)">', html)
    assert bars == [("0.0", "20.0", "20.0"), ("59.5", "0.0", "40.0"), ("238.0", "30.0", "10.0")]
    assert re.findall("<title>(.+?)</title>", html.replace("\n", "")) == [
        "-1: 2 weights",
        "0: 4 weights",
        "3: 1 weights",
    ]


def test_the_largest_tensors_are_drawn_and_the_others_counted():
    html = rendered(record(*(book(f"t{n}", n + 1) for n in range(MOST + 3))))
    assert html.count("<svg") == MOST
    assert "And 3 smaller ones." in html
    assert "<td>t2</td>" not in html


def test_a_codebook_of_one_value_is_drawn():
    html = rendered(record(book("fc.weight", values=[0.5], counts=[9])))
    assert html.count("<rect") == 1
