import json
from pathlib import Path

import pytest

from tests.browser import Browser


@pytest.mark.parametrize(("gained", "lost"), [(10, 2), (5, 0), (0, 0), (40, 61), (600, 500)])
def test_mid_p_of_the_page_is_that_of_the_harness(browser: Browser, site: Path, gained: int, lost: int):
    from harness.statistics.mcnemar import mid_p

    browser.open(site / "compare.html")
    assert browser.run(f"paired.midP({gained}, {lost})") == pytest.approx(mid_p(gained, lost), rel=1e-9)


def test_sign_flips_of_the_page_are_those_of_the_harness(browser: Browser, site: Path):
    import numpy as np

    from harness.statistics.sign_flip import sign_flip_p

    browser.open(site / "compare.html")
    for seed, shift in ((1, 0.0), (2, 0.03), (3, 0.08)):
        values = np.round(np.random.default_rng(seed).normal(shift, 0.4, 164) * 20) / 20
        ours = browser.run(f"paired.signFlipP({json.dumps(values.tolist())})")
        assert ours == pytest.approx(sign_flip_p(values), abs=0.015)


def test_bounded_means_of_the_page_are_those_of_the_harness(browser: Browser, site: Path):
    import numpy as np

    from harness.statistics.bounded_mean import BoundedMean

    browser.open(site / "compare.html")
    for problems in (1, 3, 12, 164):
        generator = np.random.default_rng(problems)
        sizes = generator.integers(1, 4, problems).astype(float)
        sums = (generator.binomial(20, 0.6, problems) - generator.binomial(20, 0.5, problems)) / 20 * sizes
        ours = browser.run(f"paired.boundedMidP({json.dumps(sums.tolist())}, {json.dumps(sizes.tolist())})")
        assert ours == pytest.approx(BoundedMean(sums, sizes, -1.0, 1.0).mid_p(), abs=1e-7)


@pytest.mark.parametrize("samples", [1, 20])
@pytest.mark.parametrize("problems", [3, 20, 164])
def test_the_page_chooses_test_and_resolution_as_the_harness_does(
    browser: Browser, site: Path, samples: int, problems: int
):
    import numpy as np

    from harness.statistics.paired import Tally, paired_difference

    browser.open(site / "compare.html")
    for spread in (0.0, 0.05, 0.5):
        generator = np.random.default_rng([samples, problems])
        first = generator.binomial(samples, 0.5, problems)
        second = np.where(generator.random(problems) < spread, generator.binomial(samples, 0.5, problems), first)
        theirs = paired_difference([Tally(samples, int(a)) for a in first], [Tally(samples, int(b)) for b in second])
        sums, single = json.dumps(((second - first) / samples).tolist()), json.dumps(samples == 1)
        ours = browser.run(f"paired.compare({sums}, {json.dumps([1] * problems)}, {single})")
        assert ours["p"] == pytest.approx(theirs.p_value, abs=0.015)
        assert ours["method"].lower() == theirs.difference.method.lower()
        assert ours["alike"] == theirs.alike
        assert (ours["significant"], ours["detectable"]) == pytest.approx((theirs.significant, theirs.detectable))
        if theirs.alike:
            assert ours["below"] == pytest.approx(theirs.difference.high, abs=1e-7)


def test_the_interval_of_the_page_is_that_of_the_harness(browser: Browser, site: Path):
    import numpy as np

    from harness.statistics.paired import Tally, paired_difference

    browser.open(site / "compare.html")
    for samples, problems in ((1, 164), (20, 12), (20, 164)):
        generator = np.random.default_rng([samples, problems])
        first = generator.binomial(samples, 0.5, problems)
        second = generator.binomial(samples, 0.6, problems)
        theirs = paired_difference([Tally(samples, int(a)) for a in first], [Tally(samples, int(b)) for b in second])
        sums, single = json.dumps(((second - first) / samples).tolist()), json.dumps(samples == 1)
        ours = browser.run(f"paired.compare({sums}, {json.dumps([1] * problems)}, {single})")
        assert (ours["low"], ours["high"]) == pytest.approx((theirs.difference.low, theirs.difference.high), abs=0.004)
