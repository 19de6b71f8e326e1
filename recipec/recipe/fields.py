"""Where in a model's types a validation error is: fields, branches of unions, bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo


class Form(NamedTuple):
    """One type that a value may have, and what is asked of it besides."""

    type: Any
    asked: tuple[Any, ...] = ()


class Spot(NamedTuple):
    """What may stand at a place: its forms, and the nearest field that it belongs to."""

    forms: tuple[Form, ...]
    field: FieldInfo | None = None

    @property
    def models(self) -> list[type[BaseModel]]:
        """The models among the forms, each once."""
        return list(dict.fromkeys(form.type for form in self.forms if _is_model(form.type)))

    @property
    def keys(self) -> list[str]:
        """The keys that a mapping may have there."""
        return list(dict.fromkeys(key for model in self.models for key in keys(model)))

    @property
    def choices(self) -> list[Any]:
        """The literal values that may stand there."""
        return [
            choice
            for form in self.forms
            if get_origin(form.type) is Literal
            for choice in get_args(form.type)
        ]

    @property
    def bounds(self) -> Mapping[str, Any]:
        """The bounds of a number there: `gt`, `ge`, `lt`, `le`."""
        found: dict[str, Any] = {}
        for form in self.forms:
            for asked in form.asked:
                for kind, name in ((Gt, "gt"), (Ge, "ge"), (Lt, "lt"), (Le, "le")):
                    if isinstance(asked, kind):
                        found[name] = getattr(asked, name)
        return found


def keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Give a model's fields by the names that a recipe writes."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def spot(model: type[BaseModel], loc: Iterable[str | int]) -> Spot:
    """Follow a location of Pydantic's: keys, indices, and the branches of unions between them."""
    forms: tuple[Form, ...] = (Form(model),)
    field: FieldInfo | None = None
    for step in loc:
        inner: Sequence[Form]
        if isinstance(step, int):
            inner = [f for form in forms for f in _items(form.type)]
        else:
            models = [form.type for form in forms if _is_model(form.type)]
            fields = [keys(one)[step] for one in models if step in keys(one)]
            branch = [Form(one) for one in models if _is_branch(one, step)]
            if fields:
                field, *_ = fields
                inner = [f for one in fields for f in _of_field(one)]
            else:
                inner = branch or [f for form in forms for f in _values(form.type)]
        # A step that is none of these names a branch that isn't a model: "int", "tuple[…]".
        forms = tuple(inner) or forms
    return Spot(forms, field)


def holders(model: type[BaseModel], key: str) -> list[str]:
    """Give the fields of a model whose own mapping has a key."""
    return [
        name
        for name, field in keys(model).items()
        if any(key in keys(form.type) for form in _of_field(field) if _is_model(form.type))
    ]


def _of_field(field: FieldInfo) -> Iterator[Form]:
    for form in _flat(field.annotation):
        yield form._replace(asked=(*form.asked, *field.metadata))


def _flat(annotation: Any, asked: tuple[Any, ...] = ()) -> Iterator[Form]:
    """Take unions and annotations apart."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *notes = get_args(annotation)
        more = [m for n in notes for m in (n.metadata if isinstance(n, FieldInfo) else (n,))]
        yield from _flat(inner, (*asked, *more))
    elif origin in (Union, UnionType):
        for one in get_args(annotation):
            yield from _flat(one, asked)
    else:
        yield Form(annotation, asked)


def _items(annotation: Any) -> Iterator[Form]:
    if get_origin(annotation) in (tuple, list, set, frozenset):
        for inner in get_args(annotation):
            if inner is not Ellipsis:
                yield from _flat(inner)


def _values(annotation: Any) -> Iterator[Form]:
    arguments = get_args(annotation)
    if get_origin(annotation) in (dict, Mapping) and len(arguments) == 2:
        yield from _flat(arguments[1])


def _is_model(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, BaseModel)


def _is_branch(model: type[BaseModel], step: str) -> bool:
    """Say whether a step of a location is how Pydantic calls this branch of a union."""
    return step == model.__name__ or any(
        get_origin(field.annotation) is Literal and step in get_args(field.annotation)
        for field in model.model_fields.values()
    )
