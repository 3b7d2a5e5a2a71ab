"""What tokens cost: rows of a TOML table, the user's own before those that ship."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from sandbox.errors import WavebenchError

OPENAI_URL = "https://api.openai.com/v1"
SHIPPED = Path(__file__).with_name("prices.toml")
_DATE = re.compile(r"-\d{4}-?\d{2}-?\d{2}$")
"""Of a snapshot, as OpenAI (-2025-04-14) and Anthropic (-20251001) write it."""
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])(-\d{2})?")
_TOKENS_PER_PRICE = 1e6
_MONTHS_GOOD = 6


class PricesError(WavebenchError):
    """A price table that cannot be read."""


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row: US dollars per million tokens of one model."""

    model: str
    prompt: float
    completion: float
    host: str = ""
    """Whose price it is, such as "api.openai.com"; empty holds for every server."""
    batch_share: float = 1.0
    """Share of the price that the provider's batch API asks."""
    as_of: str = ""
    """Year and month in which it was looked up, such as "2026-06"; empty takes that of the table."""

    def __post_init__(self) -> None:
        if self.as_of and not _MONTH.fullmatch(self.as_of):
            raise ValueError(f"as_of = {self.as_of!r} of {self.model!r} is no month such as 2026-06")
        if min(self.prompt, self.completion, self.batch_share) < 0:
            raise ValueError(f"the price of {self.model!r} is below 0")

    def age_remark(self, today: date) -> str:
        """A sentence where the price is older than half a year; empty where it is not, or where nobody said when."""
        if not self.as_of:
            return ""
        year, month = map(int, self.as_of.split("-")[:2])
        if (today.year - year) * 12 + today.month - month <= _MONTHS_GOOD:
            return ""
        return (
            f"The price of {self.model!r} is of {self.as_of}, more than half a year old: look it up, and write it "
            "into a table of your own (--set prices=FILE)."
        )

    def cost(self, prompt_tokens: int, completion_tokens: int, *, in_batch: bool = False) -> float:
        """US dollars."""
        full = (prompt_tokens * self.prompt + completion_tokens * self.completion) / _TOKENS_PER_PRICE
        return full * self.batch_share if in_batch else full


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    price: list[Price] = msgspec.field(default_factory=list[Price])
    as_of: str = ""
    source: str = ""
    """Where the rows were looked up; for readers."""
    sources: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    """The same for each host."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Every known row, in the order in which they are looked at."""

    rows: Sequence[Price]

    def find(self, model: str, base_url: str | None = None) -> Price | None:
        """The price of a served model; None where no row tells. A snapshot's date is left out if it has no own row."""
        host = urlsplit(base_url or OPENAI_URL).hostname or ""
        # A row for the very snapshot goes before that of the name without its date.
        for name in (model, _DATE.sub("", model)):
            for row in self.rows:
                # Some providers write GLM-5 on their page and glm-5 in requests.
                if row.model.lower() == name.lower() and row.host in ("", host):
                    return row
        return None


def load_prices(own: str | Path = "") -> Prices:
    """The rows of the user's own file, then those that ship. Raises PricesError that names what is wrong."""
    files = [*([Path(own).expanduser()] if own else []), SHIPPED]
    rows: list[Price] = []
    for file in files:
        try:
            table = msgspec.toml.decode(file.read_bytes(), type=_Table)
            rows += [row if row.as_of else msgspec.structs.replace(row, as_of=table.as_of) for row in table.price]
        except OSError as error:
            raise PricesError(
                f"the price table {str(file)!r} cannot be read ({error.strerror}): fix --set prices"
            ) from None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise PricesError(
                f"the price table {str(file)!r} is not of [[price]] rows with model, prompt and completion ({error}): "
                "fix it"
            ) from None
    return Prices(rows)
