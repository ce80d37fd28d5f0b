"""What a client's service model knows: a parameter newer than the client is left out for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape


class Model:
    """The service models below a botocore's `data`; the installed botocore's without one."""

    def __init__(self, data: Path | None = None) -> None:
        where: dict[str, Any] = {}
        if data is not None:
            where = {"extra_search_paths": [str(data)], "include_default_search_paths": False}
        loader = Loader(**where)
        self._services = [
            ServiceModel(loader.load_service_model(name, "service-2"))
            for name in ("connect", "connectparticipant")
        ]

    def knows(self, operation: str) -> bool:
        """Whether there is such an operation."""
        return any(operation in service.operation_names for service in self._services)

    def gives(self, operation: str, *members: str) -> bool:
        """Whether results have the member at the end of that path."""
        return _has(self._shape(operation, "output_shape"), members)

    def takes(self, operation: str, *members: str) -> bool:
        """Whether parameters have the member at the end of that path."""
        return _has(self._shape(operation, "input_shape"), members)

    def fitted(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The parameters without the members that this model lacks."""
        fitted: dict[str, Any] = _fitted(parameters, self._shape(operation, "input_shape"))
        return fitted

    def _shape(self, operation: str, which: str) -> Shape:
        service = next(item for item in self._services if operation in item.operation_names)
        return getattr(service.operation_model(operation), which)


def _has(shape: Any, members: tuple[str, ...]) -> bool:
    for name in members:
        if name not in shape.members:
            return False
        shape = shape.members[name]
    return True


def _fitted(value: Any, shape: Any) -> Any:
    if shape.type_name == "structure":
        known = {name: item for name, item in value.items() if name in shape.members}
        return {name: _fitted(item, shape.members[name]) for name, item in known.items()}
    if shape.type_name == "map":
        return {key: _fitted(item, shape.value) for key, item in value.items()}
    if shape.type_name == "list":
        return [_fitted(item, shape.member) for item in value]
    return value
