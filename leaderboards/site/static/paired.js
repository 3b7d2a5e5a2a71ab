// The paired test of two models on the same problems, as `wavebench compare` makes it; a test holds the two together.
"use strict";

const paired = (() => {
  const FLIPS = 20000;
  const SAME = 1e-9;

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

  /** Differences of pass rates, one per cluster of problems; sizes count the problems of each. */
  function compare(sums, sizes, single) {
    const problems = sizes.reduce((sum, each) => sum + each, 0);
    const value = sums.reduce((sum, each) => sum + each, 0) / problems;
    const error = Math.sqrt(sums.reduce((sum, each) => sum + each * each, 0)) / problems;
    const gained = sums.filter(each => each > 0).length, lost = sums.filter(each => each < 0).length;
    return {
      value, problems, detectable: 2.8015852 * error, significant: 1.9599640 * error,
      p: single ? midP(gained, lost) : signFlipP(sums),
      method: single ? "McNemar mid-p" : "sign-flip permutation over problems",
    };
  }

  return { midP, signFlipP, compare };
})();
