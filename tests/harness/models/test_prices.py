import tomllib
from datetime import date
from pathlib import Path

import pytest

from harness.models.prices import SHIPPED, PricesError, load_prices


def test_a_shipped_price_is_found_by_host_model_and_snapshot():
    prices = load_prices()
    price = prices.find("gpt-4o-mini")
    assert price is not None
    assert price.cost(1_000_000, 500_000) == pytest.approx(0.15 + 0.30)
    assert price.cost(1_000_000, 500_000, in_batch=True) == pytest.approx(0.225)
    assert prices.find("gpt-4o-mini-2024-07-18") is price
    assert prices.find("gpt-4o-mini", "http://127.0.0.1:8000/v1") is None, "the same name elsewhere is another price"
    assert prices.find("gpt-4o-mini-audio") is None


@pytest.mark.parametrize(
    ("host", "model", "prompt", "completion"),
    [
        ("openrouter.ai", "openai/gpt-4o-mini", 0.15, 0.6),
        ("openrouter.ai", "anthropic/claude-sonnet-4.5", 3.0, 15.0),
        ("api.anthropic.com", "claude-sonnet-4-5-20250929", 3.0, 15.0),
        ("api.z.ai", "glm-4.6", 0.6, 2.2),
        ("api.fireworks.ai", "accounts/fireworks/models/gpt-oss-120b", 0.15, 0.6),
        ("api.groq.com", "openai/gpt-oss-120b", 0.15, 0.6),
    ],
)
def test_models_are_found_as_their_hosts_and_routers_spell_them(
    host: str, model: str, prompt: float, completion: float
):
    price = load_prices().find(model, f"https://{host}/v1")
    assert price is not None
    assert (price.prompt, price.completion) == (prompt, completion)


def test_every_shipped_price_has_a_source_and_a_date():
    table = tomllib.loads(SHIPPED.read_text())
    assert {row["host"] for row in table["price"]} == set(table["sources"])
    rows = load_prices().rows
    assert all(row.as_of for row in rows)
    assert len({(row.host, row.model) for row in rows}) == len(rows) > 300


def test_own_rows_go_first(tmp_path: Path):
    file = tmp_path / "prices.toml"
    file.write_text('[[price]]\nmodel = "gpt-4o-mini"\nprompt = 1.0\ncompletion = 2\n')
    for base_url in (None, "https://proxy.example/v1"):
        price = load_prices(file).find("gpt-4o-mini", base_url)
        assert price is not None
        assert (price.prompt, price.completion) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[price]]\nmodel = 'm'\n", "missing required field `prompt`"),
        ("[[price]]\nmodel = 'm'\nprompt = -1\ncompletion = 1\n", "below 0"),
        ("[[price]\n", "not of"),
        ("[[price]]\nmodel = 'm'\nprompt = 1\ncompletion = 1\npromt = 2\n", "unknown field"),
    ],
)
def test_a_damaged_table_is_one_sentence(tmp_path: Path, text: str, reason: str):
    file = tmp_path / "prices.toml"
    file.write_text(text)
    with pytest.raises(PricesError, match=reason):
        load_prices(file)
    with pytest.raises(PricesError, match="cannot be read"):
        load_prices(tmp_path / "none.toml")


def test_a_price_older_than_half_a_year_is_marked(tmp_path: Path):
    price = load_prices().find("gpt-4o-mini")
    assert price is not None
    assert price.age_remark(date(2027, 4, 30)) == ""
    assert "is of 2026-10, more than half a year old" in price.age_remark(date(2027, 5, 1))
    file = tmp_path / "prices.toml"
    file.write_text('[[price]]\nmodel = "m"\nprompt = 1.0\ncompletion = 2\n')
    mine = load_prices(file).find("m")
    assert mine is not None
    assert mine.age_remark(date(2040, 1, 1)) == "", "nobody said of when it is"
    file.write_text('as_of = "June"\n[[price]]\nmodel = "m"\nprompt = 1.0\ncompletion = 2\nas_of = "June"\n')
    with pytest.raises(PricesError, match="is no month such as 2026-06"):
        load_prices(file)
