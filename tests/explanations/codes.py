"""Find every diagnostic code that source code can give, by reading it.

A code is what is passed to a parameter `code: str` of a function, method or class. It must be a
literal at some place: passed directly, chosen by a condition, or put into a variable or constant
before. An f-string gives a pattern (`unknown-*`).
"""

import ast
from collections import ChainMap


class Module:
    """A module's tree, what in it takes a code, and at which position."""

    def __init__(self, path):
        self.tree = ast.parse(path.read_text())
        self.constants = dict(_constants(self.tree.body))
        self.imported = {
            name.asname or name.name: node.module
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom)
            for name in node.names
        }
        self.functions, self.methods = {}, {}  # by name; None for one that takes no code
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef):
                self.functions[node.name] = _position(node)
            elif isinstance(node, ast.ClassDef):
                self.functions[node.name] = _field(node)
                for method in node.body:
                    if isinstance(method, ast.FunctionDef):
                        at = _position(method)
                        at = None if at is None else at - 1
                        if method.name == "__init__":
                            self.functions[node.name] = at
                        else:
                            self.methods[method.name] = at


def codes_in(*folders):
    """Give the places of each code, and the calls whose code can't be told."""
    modules = {
        path.relative_to(folder.parent): Module(path)
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
        if not {"tests", "explanations"} & {*path.relative_to(folder).parts}
    }
    methods, constants = {}, {}
    for module in modules.values():
        methods |= {n: at for n, at in module.methods.items() if at is not None}
        constants |= module.constants
    by_name = {
        ".".join(path.with_suffix("").parts).removesuffix(".__init__"): module
        for path, module in modules.items()
    }
    codes, untold = {}, []
    for path, module in modules.items():
        for function, call in _calls(module.tree, None):
            given = _given(call, module, by_name, methods)
            if given is None:
                continue
            known = ChainMap(module.constants, {n: constants.get(n) for n in module.imported})
            found = _literals(given, function, known)
            if found is None:
                untold.append(f"{path}:{call.lineno}: {ast.unparse(call)[:80]}")
            for code in found or ():
                codes.setdefault(code, []).append(f"{path}:{call.lineno}")
    return codes, untold


def _position(function):
    for at, argument in enumerate(function.args.args):
        annotation = argument.annotation
        if argument.arg == "code" and annotation is not None and ast.unparse(annotation) == "str":
            return at
    return None


def _field(node):
    fields = [f for f in node.body if isinstance(f, ast.AnnAssign)]
    for at, field in enumerate(fields):
        if field.target.id == "code" and ast.unparse(field.annotation) == "str":
            return at
    return None


def _constants(body):
    for node in body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant | ast.Dict):
            yield node.target.id, node.value
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.Dict):
            yield from ((t.id, node.value) for t in node.targets if isinstance(t, ast.Name))


def _calls(node, function):
    for child in ast.iter_child_nodes(node):
        inner = child if isinstance(child, ast.FunctionDef) else function
        if isinstance(child, ast.Call):
            yield inner, child
        yield from _calls(child, inner)


def _home(name, module, modules):
    """Give the module in which a name that is used in another one is defined."""
    while module is not None and name not in module.functions:
        module = modules.get(module.imported.get(name))
    return module


def _given(call, module, modules, methods):
    """Give the expression that a call passes as a code, None when it passes none."""
    if isinstance(call.func, ast.Name):
        home = _home(call.func.id, module, modules)
        at = None if home is None else home.functions[call.func.id]
    elif isinstance(call.func, ast.Attribute):
        name = call.func.attr
        of_self = isinstance(call.func.value, ast.Name) and call.func.value.id == "self"
        at = module.methods[name] if of_self and name in module.methods else methods.get(name)
    else:
        return None
    if at is None:
        return None
    for keyword in call.keywords:
        if keyword.arg == "code":
            return keyword.value
    return call.args[at] if len(call.args) > at else None


def _literals(node, function, constants):
    """Give the codes that an expression can be; none for one that is passed on, None if unknown."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(p.value if isinstance(p, ast.Constant) else "*" for p in node.values)]
    if isinstance(node, ast.IfExp):
        return _all((node.body, node.orelse), function, constants)
    if isinstance(node, ast.Dict):
        return _all(node.values, function, constants)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "get":  # of a constant that maps something to codes
            return _all((node.func.value, *node.args[1:]), function, constants)
        return None
    if isinstance(node, ast.Attribute) and node.attr == "code":
        return []
    if isinstance(node, ast.Name):
        if function is not None and node.id == "code" and _position(function) is not None:
            return []
        assigned = list(_assigned(node.id, function)) if function is not None else []
        if not assigned and constants.get(node.id) is not None:
            assigned = [constants[node.id]]
        return _all(assigned, function, constants) if assigned else None
    return None


def _all(nodes, function, constants):
    found = [_literals(node, function, constants) for node in nodes]
    return None if None in found else [code for codes in found for code in codes]


def _assigned(name, function):
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id == name:
                yield node.value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                for one, value in zip(target.elts, node.value.elts, strict=True):
                    if isinstance(one, ast.Name) and one.id == name:
                        yield value
