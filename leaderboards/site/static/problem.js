// A problem's page: what is asked, by which tests it is judged, and what every model answered.
"use strict";

(() => {
  const page = document.getElementById("problem").dataset;
  const state = { verdict: "", entry: "", run: "", sample: "", ...wavebench.readHash() };
  const stops = [];

  for (const strip of document.querySelectorAll(".strip[data-entry]")) {
    for (const part of strip.querySelectorAll("[data-run]")) {
      const letters = [...part.textContent];
      part.replaceChildren(...letters.map((letter, sample) => {
        const index = stops.length;
        const label = `Sample ${sample}: ${samples.VERDICTS[letter]}`;
        const button = samples.verdictButton(letter, label, () => show(index));
        stops.push({ entry: strip.dataset.entry, run: Number(part.dataset.run), sample, letter, button });
        return button;
      }));
    }
  }

  /** Prompt, reference and tests, where the data set was at hand when the page was built. */
  async function describe() {
    const place = document.getElementById("description");
    if (!page.prompts) return;
    const { [page.problem]: found } = await wavebench.load(`prompts/${page.prompts}/${samples.blockOf(page.problem)}`);
    if (!found) return;
    const fold = (title, text) => wavebench.element("details", {}, wavebench.element("summary", { textContent: title }),
      ...samples.block("", text, found.language).slice(1));
    place.append(...samples.block("Prompt", found.text, found.language, "h2"), fold("Reference solution", found.reference), fold("Tests", found.tests));
  }

  describe().catch(() => {});
  const matches = letter => !state.verdict || letter === state.verdict;
  const dim = () => stops.forEach(stop => stop.button.classList.toggle("dim", !matches(stop.letter)));

  let at = -1;
  const view = samples.openViewer({
    step(by) {
      for (let next = at + by; next >= 0 && next < stops.length; next += by) if (matches(stops[next].letter)) return show(next);
    },
    left() {
      Object.assign(state, { entry: "", run: "", sample: "" });
      wavebench.writeHash(state);
      stops[at]?.button.focus();
    },
  });

  async function show(index) {
    at = index;
    const { entry, run, sample } = stops[index];
    Object.assign(state, { entry, run, sample });
    wavebench.writeHash(state);
    const loaded = await wavebench.load(`entries/${entry}`);
    view(page.problem, [{ entry: loaded, column: page.column, run, problem: page.problem, sample }]);
  }

  samples.verdictFilter(new Set(stops.map(stop => stop.letter)), state.verdict, verdict => {
    state.verdict = verdict;
    wavebench.writeHash(state);
    dim();
  });
  dim();
  const asked = stops.findIndex(stop => stop.entry === state.entry && String(stop.run) === state.run && String(stop.sample) === state.sample);
  if (asked >= 0) show(asked);
})();
