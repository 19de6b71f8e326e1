"""Whether a model can teach another, from facts alone."""

from __future__ import annotations

from collections.abc import Sequence

from recipec.api import UNKNOWN, DataSamples, OperatorError, TensorSpec, TorchModule, Unknown
from recipec.api.data.shapes import inputs_mismatch
from recipec.api.training import classes_of


def check_teacher(student: TorchModule, teacher: TorchModule, data: DataSamples) -> None:
    """Raise OperatorError when it is known that the teacher can't teach the student."""
    if teacher.precision not in ("fp32", UNKNOWN):
        raise OperatorError(f"the teacher's weights are {teacher.precision}: it must be fp32")
    if reason := inputs_mismatch(teacher.inputs, data.inputs):
        raise OperatorError(f"the teacher can't read this data: {reason}", at=("data",))
    if not isinstance(teacher.outputs, Unknown) and (
        len(teacher.outputs) != 1 or len(teacher.outputs[0].shape) != 2
    ):
        outputs = "; ".join(map(str, teacher.outputs))
        raise OperatorError(f"a teacher must give logits [N, classes]; this one gives {outputs}")
    check_classes(classes_of(student), classes_of(teacher))
    if not isinstance(student.inputs, Unknown) and not isinstance(teacher.inputs, Unknown):
        teacher_order(student.inputs, teacher.inputs)


def check_classes(student: int | None, teacher: int | None) -> None:
    """Raise OperatorError when both numbers of classes are known and differ."""
    if student is not None and teacher is not None and student != teacher:
        raise OperatorError(
            f"the teacher has {teacher} classes, the student {student}",
            hint="both must have the same outputs, in the same order",
        )


def teacher_order(student: Sequence[TensorSpec], teacher: Sequence[TensorSpec]) -> tuple[int, ...]:
    """Give the places of the teacher's inputs among the student's, as batches have those.

    Single inputs belong together whatever their names; several are matched by name. Raises
    OperatorError when the student lacks an input that the teacher wants.
    """
    if len(student) == len(teacher) == 1:
        return (0,)
    names = [spec.name for spec in student]
    if missing := [spec.name for spec in teacher if spec.name not in names]:
        raise OperatorError(
            f"the teacher wants an input {missing[0]!r}; the student's: {', '.join(names)}"
        )
    return tuple(names.index(spec.name) for spec in teacher)
