"""The operations on calls: how they are called, and that they say what they raise."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contacts import errors, operations

OPERATIONS = {
    name: operation
    for name in operations.__all__
    if inspect.isfunction(operation := getattr(operations, name))
}


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_operation_takes_everything_by_keyword_and_type(name: str) -> None:
    """Should not depend on an order that nobody remembers."""
    signature = inspect.signature(OPERATIONS[name])
    for parameter in signature.parameters.values():
        assert parameter.kind is parameter.KEYWORD_ONLY, parameter
        assert parameter.annotation is not parameter.empty, parameter
    assert signature.return_annotation is not signature.empty


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_operation_says_what_it_raises(name: str) -> None:
    """Should name each error of the domain that it, or a private function beside it, raises and that it does not catch."""
    documented = inspect.getdoc(OPERATIONS[name]) or ""
    assert documented
    told = [
        one
        for found in re.findall(r":raises ([^:]+):", documented)
        for one in re.split(r",\s*", found)
    ]
    known = {error for one in told if (error := _error(one))}
    # What is told covers its kinds, but for the kind of all.
    kinds = tuple(known - {errors.ContactsError})
    untold = {
        one
        for one in _raised(OPERATIONS[name])
        if (error := _error(one)) and error not in known and not issubclass(error, kinds)
    }
    assert not untold, f"{name} raises what it does not tell: {untold}"


def _error(name: str) -> type[Exception] | None:
    found = getattr(errors, name.removeprefix("errors."), None)
    return found if inspect.isclass(found) and issubclass(found, Exception) else None


def _raised(operation: Callable[..., Any]) -> set[str]:
    """Return the names of the errors in the `raise` statements of a function and of the private ones it calls."""
    module = ast.parse(inspect.getsource(sys.modules[operation.__module__]))
    functions = {one.name: one for one in module.body if isinstance(one, ast.FunctionDef)}
    own = functions[operation.__name__]
    caught = {
        ast.unparse(one)
        for handler in ast.walk(own)
        if isinstance(handler, ast.ExceptHandler) and handler.type is not None
        for one in getattr(handler.type, "elts", [handler.type])
    }
    seen: set[str] = set()
    return set(_raises(own, functions, seen)) - caught


def _raises(
    function: ast.FunctionDef, functions: dict[str, ast.FunctionDef], seen: set[str]
) -> Iterator[str]:
    seen.add(function.name)
    for node in ast.walk(function):
        match node:
            case ast.Raise(exc=ast.Call(func=error)) | ast.Raise(exc=ast.Attribute() as error):
                yield ast.unparse(error)
            case ast.Name(id=name) if name.startswith("_") and name in functions.keys() - seen:
                yield from _raises(functions[name], functions, seen)
