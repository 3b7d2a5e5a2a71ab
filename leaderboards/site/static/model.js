// A model's page: one cell per problem, the samples behind it, and a filter by verdict.
"use strict";

(async () => {
  const { element } = wavebench;
  const entry = await wavebench.load(`entries/${document.getElementById("entry").dataset.entry}`);
  const state = { verdict: "", task: "", problem: "", run: "", sample: "", ...wavebench.readHash() };
  const stops = [];
  const cells = new Map();

  const strips = (row, problem) => row.runs.map(run => run.strips[problem] ?? "");

  function cellOf(column, row, problem) {
    const letters = strips(row, problem).join("");
    const judged = [...letters].filter(letter => letter !== "J" && letter !== ".").length;
    const passed = [...letters].filter(letter => letter === "P").length;
    const forged = [...letters].filter(letter => letter === "F").length;
    const single = letters.length === 1;
    const label = single ? `${problem}: ${samples.VERDICTS[letters]}` : `${problem}: ${passed} of ${judged} passed${forged ? `, ${forged} forged` : ""}`;
    const cell = element("button", { type: "button", className: "cell", title: label, "aria-label": label,
      textContent: problem.replace(/^.*?(\d+)$/, "$1"), "--share": judged ? passed / judged : 0, data: { letters } });
    cell.classList.toggle("zero", judged > 0 && passed === 0);
    cell.classList.toggle("odd", judged === 0);
    cell.addEventListener("click", () => {
      const first = stops.findIndex(stop => stop.column === column && stop.problem === problem && matches(stop.letter));
      if (first >= 0) show(first);
    });
    return cell;
  }

  const matches = letter => !state.verdict || letter === state.verdict;

  function draw() {
    for (const section of document.querySelectorAll(".task")) {
      const column = section.dataset.column;
      const row = entry.rows[column];
      for (const problem of row.problems) {
        strips(row, problem).forEach((strip, run) => [...strip].forEach((letter, sample) =>
          stops.push({ column, problem, run, sample, letter })));
        cells.set(`${column}\n${problem}`, cellOf(column, row, problem));
      }
      section.querySelector(".grid").append(...row.problems.map(problem => cells.get(`${column}\n${problem}`)));
    }
  }

  function dim() {
    for (const cell of cells.values()) cell.classList.toggle("dim", Boolean(state.verdict) && !cell.dataset.letters.includes(state.verdict));
  }

  let at = -1;
  const view = samples.openViewer({
    step(by) {
      for (let next = at + by; next >= 0 && next < stops.length; next += by) if (matches(stops[next].letter)) return show(next);
    },
    left() {
      const cell = cells.get(`${state.task}\n${state.problem}`);
      Object.assign(state, { task: "", problem: "", run: "", sample: "" });
      wavebench.writeHash(state);
      cell?.focus();
    },
  });

  function show(index) {
    at = index;
    const { column, problem, run, sample } = stops[index];
    Object.assign(state, { task: column, problem, run, sample });
    wavebench.writeHash(state);
    const own = stops.map((stop, number) => [stop, number]).filter(([stop]) => stop.column === column && stop.problem === problem);
    const strip = own.length > 1 ? own.map(([stop, number]) => {
      const button = samples.verdictButton(stop.letter, `Sample ${stop.sample}: ${samples.VERDICTS[stop.letter]}`, () => show(number));
      button.classList.toggle("dim", !matches(stop.letter));
      if (number === index) button.setAttribute("aria-current", "true");
      return button;
    }) : [];
    view(`${problem}, ${column}`, [{ entry, column, run, problem, sample }], strip);
  }

  draw();
  samples.verdictFilter(new Set(stops.map(stop => stop.letter)), state.verdict, verdict => {
    state.verdict = verdict;
    wavebench.writeHash(state);
    dim();
  });
  dim();
  const asked = stops.findIndex(stop => stop.column === state.task && stop.problem === state.problem
    && String(stop.run) === (state.run || "0") && String(stop.sample) === (state.sample || "0"));
  if (asked >= 0) show(asked);
})();
