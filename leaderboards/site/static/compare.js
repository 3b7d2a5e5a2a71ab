// Two models side by side: the paired difference, problems won and lost, and both answers.
"use strict";

(async () => {
  const { element } = wavebench;
  const choices = Object.fromEntries(["a", "b", "task"].map(id => [id, document.getElementById(id)]));
  const state = { a: "", b: "", task: "", change: "", problem: "", ...wavebench.readHash() };
  const changes = document.getElementById("changes");
  const grid = document.getElementById("pairs");
  let shown = [], sides = [], at = -1;

  const columnsOf = option => option.dataset.columns.split(" ").filter(Boolean);
  const common = (one, two) => columnsOf(one).filter(column => columnsOf(two).includes(column));

  /** Without an address, the first two models that were measured on one task. */
  function usualPair() {
    const options = [...choices.a.options];
    for (const one of options) {
      const two = options.find(each => each.index > one.index && common(one, each).length);
      if (two) return { a: one.value, b: two.value, task: common(one, two)[0] };
    }
    return {};
  }

  /** Tasks that only one of the two was measured on cannot be chosen. */
  function offerTasks() {
    const shared = common(choices.a.selectedOptions[0], choices.b.selectedOptions[0]);
    for (const option of choices.task.options) option.disabled = !shared.includes(option.value);
    if (shared.length && !shared.includes(choices.task.value)) choices.task.value = shared[0];
  }

  if (!state.a && !state.b) Object.assign(state, usualPair());
  for (const [id, select] of Object.entries(choices)) {
    if ([...select.options].some(option => option.value === state[id])) select.value = state[id];
    select.addEventListener("change", () => { state.problem = ""; draw(); });
  }
  for (const input of changes.querySelectorAll("input")) {
    input.checked = input.value === state.change;
    input.addEventListener("change", () => { state.change = input.value; remember(); filter(); });
  }

  const remember = () => wavebench.writeHash(state);

  function tally(entry, column, problem) {
    const letters = entry.rows[column].runs.map(run => run.strips[problem] ?? "").join("");
    const judged = [...letters].filter(letter => letter !== "J" && letter !== ".").length;
    if (!judged) return null;
    const row = entry.rows[column], count = wanted => [...letters].filter(letter => letter === wanted).length;
    return { judged, passed: count("P"), forged: count("F"), confirmed: row.confirmed?.[row.problems.indexOf(problem)] };
  }

  function pairUp(first, second, column) {
    const problems = first.rows[column].problems.filter(problem => second.rows[column].problems.includes(problem));
    return problems.map(problem => {
      const [one, two] = [tally(first, column, problem), tally(second, column, problem)];
      const cluster = first.rows[column].clusters?.[first.rows[column].problems.indexOf(problem)] ?? problem;
      return one && two ? { problem, cluster, one, two, difference: two.passed / two.judged - one.passed / one.judged } : null;
    }).filter(Boolean);
  }

  function test(pairs) {
    const sums = new Map(), sizes = new Map();
    for (const pair of pairs) {
      sums.set(pair.cluster, (sums.get(pair.cluster) ?? 0) + pair.difference);
      sizes.set(pair.cluster, (sizes.get(pair.cluster) ?? 0) + 1);
    }
    const single = sums.size === pairs.length && pairs.every(pair => pair.one.judged === 1 && pair.two.judged === 1);
    return paired.compare([...sums.values()], [...sizes.values()], single);
  }

  const percent = share => (100 * share).toFixed(1);
  const signed = share => `${share >= 0 ? "+" : "−"}${percent(Math.abs(share))}`;
  const pText = p => (p < 0.0001 ? "p < 0.0001" : `p = ${p.toFixed(p < 0.01 ? 4 : 3)}`);

  /** What these problems could have shown, as `wavebench compare` prints it. */
  function resolution(result) {
    if (result.significant > 1) return "So few problems cannot make any difference significant.";
    const shown = `a difference becomes significant from about ${percent(result.significant)} points; a true one of ${percent(result.detectable)} points is found four times in five.`;
    if (result.alike && result.clusters === result.problems) return `Both do equally well on every problem, so the true difference lies below ${percent(result.below)} points with 95 % confidence (1 - 0.05^(1/${result.problems})). Here ${shown}`;
    return `Here ${shown}`;
  }

  function summary(pairs, column) {
    const result = test(pairs);
    const share = (key, counts) => pairs.reduce((sum, pair) => sum + counts(pair[key]) / pair[key].judged, 0) / pairs.length;
    const describe = (key, entry) => {
      const forged = pairs.reduce((sum, pair) => sum + pair[key].forged, 0);
      const beside = entry.rows[column].confirmed ? `, confirmed ${percent(share(key, each => each.confirmed))} %` : "";
      return `${percent(share(key, each => each.passed + each.forged))} %${beside}${forged ? `, ${forged} forged` : ""}`;
    };
    const anyForged = pairs.some(pair => pair.one.forged || pair.two.forged);
    const ends = result.p < 0.05 && result.value < 0 ? [-result.high, -result.low] : [result.low, result.high];
    const interval = `95 % interval ${signed(ends[0])} to ${signed(ends[1])}`;
    const points = `${percent(Math.abs(result.value))} points`;
    const better = result.p < 0.05 ? `The ${result.value > 0 ? "second" : "first"} is better by ${points}`
      : `No difference is shown: ${signed(result.value)} points`;
    const row = (name, value) => element("tr", {}, element("th", { scope: "row", textContent: name }), element("td", { className: "number", textContent: value }));
    const won = pairs.filter(pair => pair.difference > 0).length, lost = pairs.filter(pair => pair.difference < 0).length;
    return [
      element("p", { className: "lead", id: "conclusion", textContent:
        `${better}, ${interval}, ${pText(result.p)} (${result.method}, ${result.problems} common problems).` }),
      element("table", { className: "facts-table" }, element("tbody", {},
        row(sides[0].name, describe("one", sides[0])), row(sides[1].name, describe("two", sides[1])),
        row("Won by the second", String(won)), row("Lost by the second", String(lost)))),
      anyForged ? element("p", { className: "remark", textContent:
        "Forged samples pass only when they share a process with the tests: pass@1 includes them, the difference counts them as failures." }) : "",
      element("p", { className: "facts", textContent:
        `${resolution(result)} This is one comparison alone: whoever makes many must correct for it.` }),
    ];
  }

  function cellOf(pair, index) {
    const kind = pair.difference > 0 ? "won" : pair.difference < 0 ? "lost" : "same";
    const side = each => `${each.passed} of ${each.judged}${each.forged ? ` and ${each.forged} forged` : ""}`;
    const label = `${pair.problem}: first ${side(pair.one)}, second ${side(pair.two)}`;
    const cell = element("button", { type: "button", className: `cell ${kind}`, title: label, "aria-label": label,
      textContent: pair.problem.replace(/^.*?(\d+)$/, "$1"), data: { kind } });
    cell.addEventListener("click", () => show(index));
    return cell;
  }

  function filter() {
    for (const cell of grid.children) cell.hidden = Boolean(state.change) && cell.dataset.kind !== state.change;
  }

  /** The first sample of a model whose verdict shows why the problem counts as it does. */
  function place(entry, column, problem, wanted) {
    const runs = entry.rows[column].runs;
    for (let run = 0; run < runs.length; run++) {
      const sample = [...(runs[run].strips[problem] ?? "")].findIndex(letter => (letter === "P") === wanted);
      if (sample >= 0) return { entry, column, problem, run, sample };
    }
    return { entry, column, problem, run: 0, sample: 0 };
  }

  const view = samples.openViewer({
    step(by) {
      for (let next = at + by; next >= 0 && next < shown.length; next += by) if (!grid.children[next].hidden) return show(next);
    },
    left() { state.problem = ""; remember(); grid.children[at]?.focus(); },
  });

  function show(index) {
    at = index;
    const pair = shown[index], column = choices.task.value;
    state.problem = pair.problem;
    remember();
    view(`${pair.problem}, ${column}`, [
      place(sides[0], column, pair.problem, pair.difference < 0 || (pair.difference === 0 && pair.one.passed > 0)),
      place(sides[1], column, pair.problem, pair.difference > 0 || (pair.difference === 0 && pair.two.passed > 0)),
    ]);
  }

  async function draw() {
    offerTasks();
    Object.assign(state, { a: choices.a.value, b: choices.b.value, task: choices.task.value });
    remember();
    const column = state.task, result = document.getElementById("result");
    sides = await Promise.all([state.a, state.b].map(slug => wavebench.load(`entries/${slug}`)));
    if (state.a !== choices.a.value || state.b !== choices.b.value) return;
    const missing = sides.find(side => !side.rows[column]);
    shown = missing ? [] : pairUp(sides[0], sides[1], column);
    changes.hidden = !shown.length;
    grid.replaceChildren(...shown.map(cellOf));
    result.replaceChildren(...(shown.length ? summary(shown, column) : [element("p", { className: "remark",
      textContent: missing ? `${missing.name} was not measured on this task.` : "These two have no judged problem in common." })]));
    filter();
    const asked = shown.findIndex(pair => pair.problem === state.problem);
    if (asked >= 0) show(asked);
  }

  await draw();
})();
