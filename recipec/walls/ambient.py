"""The state that all code of a process shares: what it was, what has changed, and back again.

What a library sets while it is imported is its own and stays: new environment variables, filters
for certain warnings; random numbers that it draws then are put back without a word. NumPy and torch
are looked at where they are loaded, and never imported.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

_SIGNALS: Final = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGCHLD")
    if hasattr(signal, name)
)


class _Part(NamedTuple):
    """One piece of state: how it is read, as a value that can be compared, and written back.

    `module` must be loaded for it to exist. Random generators are `slow`: they take more than a few
    microseconds.
    """

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], None]
    module: str | None = None
    slow: bool = False


class Ambient:
    """The shared state at one moment. With `slow=False` the random generators are left out."""

    def __init__(self, *, slow: bool = True) -> None:
        self._variables = _environment()
        self._filters = list(warnings.filters)
        self._loaded = set(sys.modules)
        self._parts = [
            (part, part.read())
            for part in _PARTS
            if (slow or not part.slow) and (part.module is None or _whole(part.module))
        ]

    def restore(self, own: str = "") -> list[str]:
        """Put back what has changed since, and say in words what that was.

        `own` is the package whose modules are no library to whoever is called.
        """
        found = [part for part, before in self._parts if _put_back(part, before)]
        # Some libraries draw random numbers while they are imported: that is nobody's mistake.
        imported = any(part.slow for part in found) and self._libraries_came(own)
        changed = [part.name for part in found if not (part.slow and imported)]
        changed += self._restore_environment(own)
        changed += self._restore_filters()
        if len(sys.modules) != len(self._loaded):
            self._loaded = set(sys.modules)
        return changed

    def _restore_environment(self, own: str) -> list[str]:
        now, before = _environment(), self._variables
        if now == before:
            return []
        new = now.keys() - before.keys()
        if new and self._libraries_came(own):
            before.update({name: now[name] for name in new})
            new = set()
        changed = sorted(new | {name for name, value in before.items() if now.get(name) != value})
        for name in changed:
            if name in before:
                os.environb[name] = before[name]
            else:
                del os.environb[name]
        return [f"the environment variable {os.fsdecode(name)}" for name in changed]

    def _restore_filters(self) -> list[str]:
        if warnings.filters == self._filters:
            return []
        now = list(warnings.filters)
        lost = [one for one in self._filters if one not in now]
        sweeping = [one for one in now if one not in self._filters and _sweeping(one)]
        if not lost and not sweeping:
            self._filters = now
            return []
        came = [one for one in now if one not in self._filters and one not in sweeping]
        self._filters = [*came, *self._filters]
        warnings.filters[:] = self._filters  # type: ignore[index]  # typeshed: a Sequence; it is a list
        getattr(warnings, "_filters_mutated", lambda: None)()  # else what was seen is remembered
        return ["the filters of Python's warnings"]

    def _libraries_came(self, own: str) -> bool:
        if len(sys.modules) == len(self._loaded):
            return False
        return any(name.partition(".")[0] != own for name in sys.modules.keys() - self._loaded)


def _put_back(part: _Part, before: Any) -> bool:
    try:
        if part.read() == before:
            return False
    except OSError:  # a working directory that was removed
        pass
    part.write(before)
    return True


def _environment() -> dict[bytes, bytes]:
    # `_data` is what `os.environ` decodes at every look: a hundred times as fast.
    return dict(getattr(os.environ, "_data", None) or os.environb)


def _sweeping(one: Any) -> bool:
    """Say whether a filter is about all warnings of all modules."""
    _, message, category, module, line = one
    return message is None and category is Warning and module is None and not line


def _whole(module: str) -> bool:
    """Say whether a module is loaded, and not just being loaded."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    return spec is not None and not getattr(spec, "_initializing", False)


def _of(module: str) -> Any:
    return sys.modules[module]


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _set_umask(before: int) -> None:
    os.umask(before)


def _handlers() -> Mapping[int, Any]:
    return {number: signal.getsignal(number) for number in _SIGNALS}


def _set_handlers(before: Mapping[int, Any]) -> None:
    if threading.current_thread() is not threading.main_thread():
        return  # Python sets them in the main thread alone
    for number, handler in before.items():
        if handler is not None:  # None: set by C code, which Python can't set again
            signal.signal(number, handler)


def _set_root_handlers(before: tuple[Any, ...]) -> None:
    root = _of("logging").root
    root.handlers[:] = before


def _numpy_random() -> tuple[Any, ...]:
    name, keys, *rest = _of("numpy").random.get_state()
    return name, keys.tobytes(), *rest


def _set_numpy_random(before: tuple[Any, ...]) -> None:
    name, keys, *rest = before
    numpy = _of("numpy")
    numpy.random.set_state((name, numpy.frombuffer(keys, dtype=numpy.uint32), *rest))


def _torch_random() -> bytes:
    state: bytes = _of("torch").get_rng_state().numpy().tobytes()
    return state


def _set_torch_random(before: bytes) -> None:
    torch = _of("torch")
    torch.set_rng_state(torch.frombuffer(bytearray(before), dtype=torch.uint8))


def _deterministic() -> tuple[bool, bool]:
    torch = _of("torch")
    return (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )


def _set_deterministic(before: tuple[bool, bool]) -> None:
    enabled, warn_only = before
    _of("torch").use_deterministic_algorithms(enabled, warn_only=warn_only)


def _set_level(before: int) -> None:
    _of("logging").root.setLevel(before)


_PARTS: Final = (
    _Part("the working directory", Path.cwd, os.chdir),
    _Part("the file mode mask", _umask, _set_umask),
    _Part("signal handlers", _handlers, _set_handlers),
    _Part("the logging level", lambda: _of("logging").root.level, _set_level, "logging"),
    _Part(
        "the logging handlers",
        lambda: tuple(_of("logging").root.handlers),
        _set_root_handlers,
        "logging",
    ),
    _Part(
        "what logging leaves out",
        lambda: _of("logging").root.manager.disable,
        lambda before: _of("logging").disable(before),
        "logging",
    ),
    _Part(
        "Python's random seed",
        lambda: _of("random").getstate(),
        lambda before: _of("random").setstate(before),
        "random",
        slow=True,
    ),
    _Part("NumPy's random seed", _numpy_random, _set_numpy_random, "numpy", slow=True),
    _Part("torch's random seed", _torch_random, _set_torch_random, "torch", slow=True),
    _Part(
        "torch's thread count",
        lambda: _of("torch").get_num_threads(),
        lambda before: _of("torch").set_num_threads(before),
        "torch",
    ),
    _Part("torch's deterministic algorithms", _deterministic, _set_deterministic, "torch"),
    _Part(
        "torch's default dtype",
        lambda: _of("torch").get_default_dtype(),
        lambda before: _of("torch").set_default_dtype(before),
        "torch",
    ),
    _Part(
        "torch's gradient mode",
        lambda: _of("torch").is_grad_enabled(),
        lambda before: _of("torch").set_grad_enabled(before),
        "torch",
    ),
)
