// The paired test of two models on the same problems, as `wavebench compare` makes it; a test holds the two together.
"use strict";

const paired = (() => {
  const FLIPS = 20000;
  const SAME = 1e-9;
  const FEW = 30;
  const FARTHEST = 20;

  /** McNemar's mid-p: one sample each. Binomial terms by logarithms, so that many problems do not overflow. */
  function midP(gained, lost) {
    const n = gained + lost, fewer = Math.min(gained, lost);
    let log = -n * Math.LN2, tail = 0, last = 0;
    for (let i = 0; i <= fewer; i++) {
      last = Math.exp(log);
      tail += last;
      log += Math.log(n - i) - Math.log(i + 1);
    }
    return Math.min(1, 2 * tail - last);
  }

  /** A small generator with a fixed seed (mulberry32): the same page always says the same. */
  function generator(seed) {
    return () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return (t ^ (t >>> 14)) >>> 0;
    };
  }

  /** Two-sided p by changing signs at random; sums as large as the seen one count half. */
  function signFlipP(differences) {
    const moving = differences.filter(each => each !== 0);
    const seen = Math.abs(moving.reduce((sum, each) => sum + each, 0));
    if (seen <= SAME) return 1;
    const next = generator(1);
    let larger = 0, same = 1;
    for (let flip = 0; flip < FLIPS; flip++) {
      let sum = 0, bits = 0, left = 0;
      for (const each of moving) {
        if (left === 0) { bits = next(); left = 32; }
        sum += bits & 1 ? each : -each;
        bits >>>= 1; left--;
      }
      sum = Math.abs(sum);
      if (sum > seen + SAME) larger++;
      else if (sum >= seen - SAME) same++;
    }
    return (larger + same / 2) / (FLIPS + 1);
  }

  /** P(sum(factors * e) + unseen * e' <= 0) for independent exponential e, e'; bounded_mean.py explains it. */
  function chanceOfNegative(factors, unseen) {
    const counts = new Map();
    for (const each of [...factors, unseen]) counts.set(each, (counts.get(each) ?? 0) + 1);
    let scale = 0, distance = 0;
    for (const [value, count] of counts) { scale += count * value * value; distance += count * value; }
    scale = Math.sqrt(scale);
    if (scale === 0) return 0.5;
    if (Math.abs(distance / scale) > FARTHEST) return distance < 0 ? 1 : 0;
    const trapezoids = (first, step) => {
      let sum = 0;
      for (let at = first; at < 14; at += step) {
        const frequency = Math.exp(at) / scale;
        let size = 0, angle = 0;
        for (const [value, count] of counts) {
          const turn = frequency * value;
          size += count * Math.log1p(turn * turn);
          angle += count * Math.atan(turn);
        }
        sum += Math.exp(-size / 2) * Math.sin(angle);
      }
      return step * sum / Math.PI;
    };
    let step = 0.2, coarse = Infinity, fine = trapezoids(-20, step);
    while (Math.abs(fine - coarse) > 1e-8 && step > 1e-3) {
      coarse = fine;
      fine = (fine + trapezoids(-20 + step / 2, step)) / 2;
      step /= 2;
    }
    return Math.min(1, Math.max(0, 0.5 - fine));
  }

  /** Two-sided mid-p of a mean difference of 0, whatever one more cluster may hold (Gaffke 2005). */
  function boundedMidP(sums, sizes) {
    const largest = Math.max(...sizes);
    const below = (chanceOfNegative(sums, -largest) + chanceOfNegative(sums, largest)) / 2;
    return Math.min(1, 2 * Math.min(below, 1 - below));
  }

  /** The mean differences that boundedMidP does not reject at 5 %; mid_interval of bounded_mean.py. */
  function boundedMidInterval(sums, sizes) {
    const largest = Math.max(...sizes);
    const below = mean => {
      const excess = sums.map((sum, index) => sum - mean * sizes[index]);
      return (chanceOfNegative(excess, (-1 - mean) * largest) + chanceOfNegative(excess, (1 - mean) * largest)) / 2;
    };
    const solve = target => {
      let low = -1, high = 1;
      if (below(low) >= target) return low;
      if (below(high) <= target) return high;
      while (high - low > 1e-6) {
        const middle = (low + high) / 2;
        if (below(middle) < target) low = middle;
        else high = middle;
      }
      return (low + high) / 2;
    };
    return [solve(0.025), solve(0.975)];
  }

  /** The mean differences that signFlipP does not reject at 5 %: quantiles of the means of random subsets. */
  function signFlipInterval(sums, sizes, p) {
    const next = generator(2), means = [];
    for (let flip = 0; flip < FLIPS; flip++) {
      let sum = 0, count = 0, bits = 0, left = 0;
      for (let at = 0; at < sums.length; at++) {
        if (left === 0) { bits = next(); left = 32; }
        if (bits & 1) { sum += sums[at]; count += sizes[at]; }
        bits >>>= 1; left--;
      }
      if (count) means.push(sum / count);
    }
    means.sort((a, b) => a - b);
    const quantile = share => means[Math.round(share * (means.length - 1))];
    const [low, high] = [quantile(0.025), quantile(0.975)];
    if (p >= 0.05) return [Math.min(low, 0), Math.max(high, 0)];
    const positive = sums.reduce((sum, each) => sum + each, 0) > 0;
    return positive ? [Math.max(low, means.find(each => each > SAME)), high]
      : [low, Math.min(high, means.findLast(each => each < -SAME))];
  }

  /** How many clusters carry a difference; of single samples, how many problems differ. */
  function carriers(sums) {
    const squares = sums.map(each => each * each), add = (sum, each) => sum + each;
    const total = squares.reduce(add, 0);
    return total ? total * total / squares.map(each => each * each).reduce(add, 0) : 0;
  }

  /** [p, name of the test, smallest difference that it can find, interval]; paired.py chooses alike. */
  function test(sums, sizes, single) {
    const clusters = sums.length, means = sums.map((sum, index) => sum / sizes[index]);
    if (single) {
      const gained = sums.filter(each => each > 0).length, lost = sums.filter(each => each < 0).length;
      return [midP(gained, lost), "McNemar mid-p", 5 / clusters, boundedMidInterval(sums, sizes)];
    }
    if (carriers(sums) < FEW || Math.max(...means) - Math.min(...means) < 1e-12) {
      return [boundedMidP(sums, sizes), "Gaffke mid-p over problems", 0.05 ** (-1 / clusters) - 1, boundedMidInterval(sums, sizes)];
    }
    const p = signFlipP(sums);
    return [p, "sign-flip permutation over problems", 0, signFlipInterval(sums, sizes, p)];
  }

  /** Differences of pass rates, one per cluster of problems; sizes count the problems of each. */
  function compare(sums, sizes, single) {
    const problems = sizes.reduce((sum, each) => sum + each, 0);
    const value = sums.reduce((sum, each) => sum + each, 0) / problems;
    const error = Math.sqrt(sums.reduce((sum, each) => sum + each * each, 0)) / problems;
    const [p, method, smallest, [low, high]] = test(sums, sizes, single);
    const few = 1.9599640 * error < smallest, clusters = sums.length;
    const detectable = few ? smallest + 0.8416212 * Math.sqrt(smallest / clusters) : 2.8015852 * error;
    return {
      value, low, high, problems, clusters, p, method, alike: error === 0, below: 1 - 0.05 ** (1 / clusters),
      significant: few ? smallest : 1.9599640 * error, detectable: Math.min(1, detectable),
    };
  }

  return { midP, signFlipP, boundedMidP, compare };
})();
