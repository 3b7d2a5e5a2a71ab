from datetime import date
from pathlib import Path

from leaderboards.runs.model_cards import ModelCard, Weights
from leaderboards.site.names import slug

HOSTILE = [
    "</script><script>window.harmed = 1</script>",
    "<img src=x onerror='window.harmed = 2'>",
    "\u202eturned around\u202c \u200bhidden \x1b[31mred \u2028 line",
    "x = '" + "a" * 1_000_000 + "'",
]


CARDS = {
    "org/large-33b": ModelCard(
        parameters_b=33, weights=Weights.CLOSED, licence="none", link="https://example.org/large"
    ),
    "hf:org/small-1.3b": ModelCard(weights=Weights.OPEN, developer="<b>org</b>", released=date(2025, 1, 2)),
}


def model_page(site: Path, name: str) -> Path:
    return site / "models" / f"{slug(name)}.html"
