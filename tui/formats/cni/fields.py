"""Reading one piece of a plugin's settings, its errors named by the place."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from tui.formats.errors import FormatError, field_error_of, path_text

_Piece = TypeVar("_Piece", bound=BaseModel)


def piece(model: type[_Piece], data: object, origin: str, place: str = "") -> _Piece:
    """The data as the model has it. Raises FormatError with the path inside the file."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        fault = field_error_of(error)
        raise FormatError(
            origin, fault.problem, f"{place} {path_text(fault.path)}".strip()
        ) from None
