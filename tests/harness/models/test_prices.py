from pathlib import Path

import pytest

from harness.models.prices import PricesError, load_prices


def test_a_shipped_price_is_found_by_host_model_and_snapshot():
    prices = load_prices()
    price = prices.find("gpt-4o-mini")
    assert price is not None
    assert price.cost(1_000_000, 500_000) == pytest.approx(0.15 + 0.30)
    assert price.cost(1_000_000, 500_000, in_batch=True) == pytest.approx(0.225)
    assert prices.find("gpt-4o-mini-2024-07-18") is price
    assert prices.find("gpt-4o-mini", "http://127.0.0.1:8000/v1") is None, "the same name elsewhere is another price"
    assert prices.find("gpt-4o-mini-audio") is None


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
