"""Known providers of models as data: whose answers may be kept, and which request fields each takes."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

_TABLE = Path(__file__).with_name("providers.toml")


class ProviderRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What some requests to a provider may not hold."""

    models: str = ""
    """Pattern that is searched in the model's name; empty is for all."""
    end_point: str = ""
    """chat or text; empty is for both."""
    leave_out: tuple[str, ...] = ()
    rename: Mapping[str, str] = {}
    ignores: tuple[str, ...] = ()
    """Fields that are taken without any effect."""
    source: str = ""
    """Where the provider, or who found it out, says so."""


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One provider, found by the host that a server's address names."""

    name: str
    hosts: tuple[str, ...]
    neutral: bool = False
    """Whether it documents the sampling fields that OpenAI does not have."""
    rule: tuple[ProviderRule, ...] = ()

    def rules(self, model: str, end_point: str) -> list[ProviderRule]:
        """Those for a model on one of the end points, or on any, in order."""
        return [
            rule
            for rule in self.rule
            if (not end_point or rule.end_point in ("", end_point)) and re.search(rule.models, model) is not None
        ]


class _ProviderTable(msgspec.Struct, forbid_unknown_fields=True):
    provider: list[Provider]


@cache
def providers() -> tuple[Provider, ...]:
    """Every known provider."""
    return tuple(msgspec.toml.decode(_TABLE.read_bytes(), type=_ProviderTable).provider)


def provider_of(base_url: str) -> Provider | None:
    """Whose server this address names; None for everybody else's, your own under a dotted name too."""
    host = urlsplit(base_url).hostname or ""
    for provider in providers():
        if any(host == known or (known.startswith(".") and host.endswith(known)) for known in provider.hosts):
            return provider
    return None
