"""The public API as lines of text, read from the source by griffe: nothing is imported.

Public are the names without an underscore of every module of `recipec.api` whose path has none, and
what `recipec.testing` lists in `__all__`. A line has a name with all that a plugin may rely on: a
function's parameters and what it returns, a class's bases, a field's type, default and bounds.
Descriptions aren't part of it, nor are the values of constants.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import griffe

ROOT = Path(__file__).parents[2]
SAID = {"description", "examples", "title", "json_schema_extra", "repr"}
"""Arguments of Pydantic's `Field` that only tell people something."""
LABELS = ("property", "cached", "classmethod", "staticmethod", "async", "abstractmethod")


def public_api(root: Path = ROOT, package: str = "recipec") -> list[str]:
    """Give the lines, sorted by module; members of a class stand in its own order."""
    loader = griffe.GriffeLoader(search_paths=[root], allow_inspection=False)
    whole = loader.load(package, try_relative_path=False)
    loader.resolve_aliases(implicit=True, external=False)
    assert isinstance(whole, griffe.Module)
    lines: list[str] = []
    for module in _modules(whole["api"]):
        lines += _module(module)
    if "testing" in whole.members:
        lines += _module(whole["testing"])
    return lines


def _modules(module: griffe.Module) -> Iterator[griffe.Module]:
    yield module
    for name, inner in sorted(module.modules.items()):
        if not name.startswith("_") and not inner.is_alias:
            yield from _modules(inner)


def _module(module: griffe.Module) -> Iterator[str]:
    listed = module.exports  # what `__all__` says, where there is one
    for name, member in sorted(module.members.items()):
        if name.startswith("_") or isinstance(member, griffe.Module):
            continue
        if listed is not None and name not in listed:
            continue
        if not member.is_alias:
            yield from _described(f"{module.path}.{name}", member)
        elif listed is not None:
            target = member.final_target
            if _is_public(target) and not target.path.startswith("recipec.testing."):
                yield f"{module.path}.{name} = {target.path}"
            else:
                yield from _described(f"{module.path}.{name}", target)


def _is_public(target: griffe.Object) -> bool:
    """Say whether something is described where it is defined, or listed by `recipec.testing`."""
    _, package, *names = target.path.split(".")
    if package == "testing":
        exports = target.package["testing"].exports or ()
        return names[-1] in {str(name) for name in exports}
    return package == "api" and not any(name.startswith("_") for name in names)


def _described(path: str, member: griffe.Object | griffe.Alias) -> Iterator[str]:
    target = member.final_target if isinstance(member, griffe.Alias) else member
    if isinstance(target, griffe.Class):
        yield from _class(path, target)
    elif isinstance(target, griffe.Function):
        yield _function(path, target)
    elif isinstance(target, griffe.Attribute):
        yield _attribute(path, target, constant=True)


def _class(path: str, found: griffe.Class) -> Iterator[str]:
    bases = ", ".join(str(base) for base in found.bases)
    yield f"{path}: class({bases}){_deprecated(found)}"
    known: set[str] = set()
    for owner in (found, *_hidden_bases(found)):
        for name, member in owner.members.items():
            if not _belongs(name, member) or name in known:
                continue
            known.add(name)
            if isinstance(member, griffe.Function):
                yield _function(f"{path}.{name}", member)
            elif isinstance(member, griffe.Attribute):
                yield _attribute(f"{path}.{name}", member)


def _hidden_bases(found: griffe.Class) -> Iterator[griffe.Class]:
    """Give the bases that aren't public themselves: what they have is the class's own, unless a
    public base between has it already."""
    public = [base for base in found.mro() if _is_public(base)]
    told = {hidden.path for base in public for hidden in base.mro()}
    yield from (b for b in found.mro() if not _is_public(b) and b.path not in told)


def _belongs(name: str, member: griffe.Object | griffe.Alias) -> bool:
    if isinstance(member, griffe.Function) and name.startswith("__"):
        return not name.startswith(("__get_pydantic", "__repr", "__init_subclass", "__post_init"))
    checks = name.startswith("test_")  # a contract's checks are no interface: new ones come
    return not name.startswith("_") and not checks and not member.is_alias


def _function(path: str, found: griffe.Function) -> str:
    text = found.signature(return_type=True)
    return f"{path}{text.removeprefix(found.name)}{_labels(found)}{_deprecated(found)}"


def _attribute(path: str, found: griffe.Attribute, constant: bool = False) -> str:
    if "property" in found.labels:
        return f"{path}: {found.annotation}{_labels(found)}{_deprecated(found)}"
    kind = f": {found.annotation}" if found.annotation is not None else ""
    name = path.rpartition(".")[2]
    is_type = constant and name[:1].isupper() and not name.isupper()
    shown = found.value is not None and (is_type or not constant)
    value = f" = {_value(str(found.value))}" if shown else ""
    return f"{path}{kind}{value}"


def _value(text: str) -> str:
    """Write a default on one line, without what `Field` only tells people."""
    tree = ast.parse(text, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Field":
            node.keywords = [k for k in node.keywords if k.arg not in SAID]
    return ast.unparse(tree)


def _labels(found: griffe.Object) -> str:
    said = [label for label in LABELS if label in found.labels]
    return f"  ({', '.join(said)})" if said else ""


def _deprecated(found: griffe.Class | griffe.Function | griffe.Attribute) -> str:
    names = [str(d.value).partition("(")[0] for d in getattr(found, "decorators", ())]
    return "  (deprecated)" if "deprecated" in names else ""
