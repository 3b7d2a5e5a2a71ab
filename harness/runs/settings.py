"""Configurations of every kind: read from TOML, checked, written back, and described from their own docstrings."""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec

from sandbox.errors import WavebenchError

C = TypeVar("C")


class ConfigError(WavebenchError):
    """A setting that is unknown, missing, of the wrong kind or out of range."""


def read_settings(file: Path) -> dict[str, Any]:
    """The settings that a TOML file names, unchecked. Raises ConfigError when it cannot be read."""
    try:
        return msgspec.toml.decode(file.read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise ConfigError(f"The config file {str(file)!r} cannot be read: {error.strerror}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"The config file {str(file)!r} is not valid TOML: {error}.") from None


def parse_settings(
    kind: type[C], values: Mapping[str, Any], origin: str, required: Mapping[str, str], *, strict: bool = True
) -> C:
    """A configuration of class `kind` from `values`, which `origin` (a file, the command line) set.

    `required` names the settings that must be there and says how to add each. Without `strict`, words such as "0.2" are
    converted to the setting's type. Raises ConfigError that names the setting, its value and the remedy.
    """
    _refuse_unknown(values, kind, "", origin)
    for name, remedy in required.items():
        if not values.get(name):
            raise ConfigError(f"{origin} does not set {name!r}: add {remedy}.")
    try:
        return msgspec.convert(values, kind, strict=strict)
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, ConfigError):  # a check of the configuration's own
            raise error.__cause__ from None
        # msgspec says "Expected `float`, got `str` - at `$.temperature`"; users know the setting's name and value.
        expected, _, place = str(error).partition(" - at ")
        path = place.strip("`").removeprefix("key in ").strip("$.").replace("[...]", "")
        value: Any = values
        for step in re.findall(r"[^.\[\]]+", path):
            value = value[int(step) if isinstance(value, list) else step]
        choices = _choices_of(kind, path)
        near = get_close_matches(str(value), choices, n=1, cutoff=0.6)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        listed = f"{hint} Use one of {', '.join(choices)}" if choices else ""
        raise ConfigError(
            f"{path} = {value!r} in {origin} is of the wrong kind: {expected.replace('`', '')}{listed}."
        ) from None


def _choices_of(kind: Any, path: str) -> list[str]:
    """The values of a closed choice at `path`, such as tier; empty for any other setting."""
    for step in path.split("."):
        kind = _without_none(get_type_hints(kind).get(step)) if is_dataclass(kind) else None
    return [str(each.value) for each in kind] if isinstance(kind, type) and issubclass(kind, StrEnum) else []


def fill_preset(values: Mapping[str, Any], presets: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The settings, and what they leave out from the preset that they name. Raises ConfigError for an unknown one."""
    name = str(values.get("preset", ""))
    if name and name not in presets:
        raise ConfigError(f"preset = {name!r} is unknown: use one of {', '.join(presets)}.")
    recipe = {setting: value for setting, value in presets.get(name, {}).items() if setting != "about"}
    return {**recipe, **values}


def resolve_path(values: Mapping[str, Any], names: Iterable[str], folder: Path) -> dict[str, Any]:
    """The settings with the paths among `names` taken from `folder` where they are relative; ~ is expanded."""
    paths = {name: str(folder / Path(str(values[name])).expanduser()) for name in names if values.get(name)}
    return {**values, **paths}


def resolve_model(model: str, folder: Path) -> str:
    """`hf:DIR` with a relative folder that exists taken from `folder`; any other model as it is."""
    local = model.startswith("hf:") and (folder / model[3:]).is_dir()
    return f"hf:{folder / model[3:]}" if local else model


def to_toml(config: object) -> str:
    """The resolved configuration as TOML; TOML has no null, so a setting that is None is left out."""
    values: dict[str, Any] = msgspec.to_builtins(config)
    return msgspec.toml.encode({name: value for name, value in values.items() if value is not None}).decode()


def _refuse_unknown(values: object, kind: Any, place: str, origin: str) -> None:
    """msgspec ignores unknown names; a misspelled one must not pass silently."""
    if get_origin(kind) is tuple and isinstance(values, list):
        for item in cast("list[object]", values):
            _refuse_unknown(item, get_args(kind)[0], place, origin)
    if not is_dataclass(kind) or not isinstance(values, Mapping):
        return
    hints = get_type_hints(kind)
    for name, value in cast("Mapping[str, object]", values).items():
        if name not in hints:
            where = f" in [{place}]" if place else ""
            if near := get_close_matches(name, list(hints), n=3, cutoff=0.6):
                remedy = f"did you mean {' or '.join(map(repr, near))}? All that are known are in `wavebench settings`"
            else:
                remedy = f"known are {', '.join(hints)}"
            raise ConfigError(f"{origin} has the unknown setting {name!r}{where}: {remedy}.")
        _refuse_unknown(value, _without_none(hints[name]), f"{place}.{name}" if place else name, origin)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a configuration, as `wavebench settings` lists it."""

    name: str
    """With dots where it stands in a table of its own, and [] behind the name of a list of tables."""
    type: str
    """Kind of its value in words; of a closed choice, the values."""
    default: Any
    """As it would stand in JSON; None where it may be left out and the meaning says what holds then."""
    required: bool
    """Whether a configuration without it is refused."""
    meaning: str
    """Its docstring."""


def describe_settings(kind: type[Any], place: str = "", defaults: object = None) -> Iterator[Setting]:
    """Every setting of a configuration, in order; `defaults` is an instance whose values go before the class's own."""
    hints, meanings = get_type_hints(kind), _docstrings(kind)
    for each in fields(kind):
        factory = each.default_factory
        default = getattr(defaults, each.name, each.default if factory is MISSING else factory())
        inner, mark = _without_none(hints[each.name]), ""
        if get_origin(inner) is tuple and is_dataclass(get_args(inner)[0]):
            inner, mark = get_args(inner)[0], "[]"
        if is_dataclass(inner):
            own = default if isinstance(default, cast("type[Any]", inner)) else None
            yield from describe_settings(cast("type[Any]", inner), f"{place}{each.name}{mark}.", own)
            continue
        value = None if default is MISSING else msgspec.to_builtins(default)
        meaning = meanings.get(each.name, "")
        yield Setting(f"{place}{each.name}", _words(hints[each.name]), value, default is MISSING, meaning)


@cache
def _docstrings(kind: type[Any]) -> Mapping[str, str]:
    """The string that stands under each field, base classes first."""
    found: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        if is_dataclass(each):
            (definition,) = ast.parse(inspect.cleandoc(inspect.getsource(each))).body
            statements = cast(ast.ClassDef, definition).body
            for line, below in pairwise(statements):
                match line, below:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                        found[name] = " ".join(text.split())
                    case _:
                        pass
    return found


def _without_none(hint: Any) -> Any:
    """`T | None` as T."""
    inner = [each for each in get_args(hint) if each is not NoneType]
    return inner[0] if NoneType in get_args(hint) and len(inner) == 1 else hint


_WORDS: Mapping[Any, str] = {str: "text", int: "integer", float: "number", bool: "true or false", Any: "any value"}


def _words(hint: Any) -> str:
    """A type as users know it: `int | None` is "integer", `tuple[int, ...]` "list of integer"."""
    inner = _without_none(hint)
    if get_origin(inner) is tuple:
        return f"list of {_words(get_args(inner)[0])}"
    if get_origin(inner) is Mapping:
        return f"table of {_words(get_args(inner)[1])}"
    if inspect.isclass(inner) and issubclass(inner, StrEnum):
        return " | ".join(inner)
    return _WORDS.get(inner) or str(cast("object", inner))
