// One sample, or two beside each other: prompt, answer, code, verdict, standard error. All of it is text, never markup.
"use strict";

const samples = (() => {
  const { element } = wavebench;
  const VERDICTS = { P: "passed", W: "wrong", E: "error", T: "timeout", M: "out of memory", C: "not compiled",
                     N: "no code", F: "forged", J: "not judged", ".": "waiting" };
  const LANGUAGES = { js: "javascript", javascript: "javascript", python: "python", java: "java", go: "go",
                      cpp: "cpp", rust: "rust" };
  const LONGEST_HIGHLIGHT = 20000;
  const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
  const NUMBERED = /^([\s\S]*?)(\d{1,9})$/;
  let highlighter = null;

  /** The data file that a problem's samples stand in; names.py computes the same. */
  function blockOf(taskId) {
    const numbered = NUMBERED.exec(taskId);
    const prefix = numbered ? numbered[1] : taskId;
    return prefix.replace(/[^A-Za-z0-9]+/g, "-") + (numbered ? Math.floor(Number(numbered[2]) / 10) : "");
  }

  const letterClass = letter => (letter === "." ? "x" : letter);

  /** Characters that would hide or turn text around are spelled out. */
  const spelled = text => text.replace(UNSEEN, found => `⟦U+${found.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟧`);

  function highlight(pre, text, language) {
    const known = LANGUAGES[language];
    if (!known || text.length > LONGEST_HIGHLIGHT) return;
    highlighter ??= wavebench.script("static/highlight.min.js");
    highlighter.then(() => {
      // The highlighter escapes all markup in its input; what it returns holds only its own <span>s.
      pre.innerHTML = hljs.highlight(text, { language: known, ignoreIllegals: true }).value;
    }, () => {});
  }

  function block(title, text, language = "") {
    const [shown, cut] = Array.isArray(text) ? text : [text, 0];
    const plain = spelled(shown);
    const pre = element("pre", { textContent: plain, tabIndex: 0 });
    if (language) highlight(pre, plain, language);
    const parts = [element("h4", { textContent: title }), pre];
    if (cut) parts.push(element("p", { className: "facts", textContent: `${cut.toLocaleString("en")} more characters stand in the run folder.` }));
    return parts;
  }

  function facts(sample) {
    if (!sample.x) return sample.v === "." ? "not judged yet" : "did not have to run";
    const [ending, cpu, wall, memory] = sample.x;
    return `${ending} · ${cpu} s of processor time · ${wall} s in all · ${memory} MB`;
  }

  function paneOf(sample, prompt, heading) {
    const language = prompt?.language ?? "python";
    const pane = element("section", { className: "pane" },
      element("h3", { textContent: heading }),
      element("p", { className: "facts" },
        element("span", { className: `verdict ${letterClass(sample.v)}`, textContent: VERDICTS[sample.v] }),
        ` · sample ${sample.n} · ${facts(sample)}`, sample.f ? ` · the model ended with “${sample.f}”` : null),
      sample.d ? element("p", { className: "facts", textContent: spelled(sample.d) }) : null);
    pane.append(...(prompt ? block("Prompt", prompt.text, language)
      : [element("p", { className: "facts", textContent: "The prompt is not shown: it is not known, or the data set was not at hand when this page was built." })]));
    sample.t.forEach((text, turn) => pane.append(
      ...block(sample.t.length > 1 ? `Answer, turn ${turn + 1}` : "Answer", text, sample.c === 0 && turn === sample.t.length - 1 ? language : "")));
    if (sample.c === 0) pane.append(element("p", { className: "facts", textContent: "The code is the answer word for word." }));
    else if (sample.c !== undefined) pane.append(...block(`Code, found by the rule “${sample.r}”`, sample.c, language));
    else pane.append(element("p", { className: "facts", textContent: "The code was not taken out of this answer when the page was built." }));
    if (sample.e) pane.append(...block("Standard error", sample.e));
    return pane;
  }

  /** Loads what is behind {entry, column, run, problem, sample} and returns its pane. */
  async function pane({ entry, column, run, problem, sample }) {
    const source = entry.rows[column].runs[run];
    const block = blockOf(problem);
    const [found, prompts] = await Promise.all([
      wavebench.load(`samples/${source.run}/${block}`),
      source.prompts ? wavebench.load(`prompts/${source.prompts}/${block}`).catch(() => ({})) : {},
    ]);
    return paneOf(found[problem][sample], prompts[problem], entry.name);
  }

  /** Where else this problem is shown. */
  function links({ entry, column, problem }) {
    const row = entry.rows[column];
    const page = row.pages[row.problems.indexOf(problem)];
    return page ? [element("p", { className: "facts" }, element("a", {
      href: `${document.documentElement.dataset.root}problems/${encodeURIComponent(column)}/${encodeURIComponent(page)}.html`,
      textContent: `What every model answered to ${problem}` }))] : [];
  }

  function verdictButton(letter, label, action) {
    const button = element("button", { type: "button", className: `v v-${letterClass(letter)}`, textContent: letter,
      title: label, "aria-label": label, data: { letter } });
    button.addEventListener("click", action);
    return button;
  }

  /** A dialog that shows panes; `step` moves it on, `left` is called when it closes. */
  function openViewer({ step, left }) {
    const dialog = document.getElementById("viewer");
    const body = document.getElementById("viewer-body");
    const title = document.getElementById("viewer-title");
    let asked = 0;
    const [before, after] = dialog.querySelectorAll("[data-step]");
    [before, after].forEach(button => button.addEventListener("click", () => step(Number(button.dataset.step))));
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", left);
    dialog.addEventListener("keydown", event => {
      if (event.target.closest("pre") && event.key.startsWith("Arrow")) return;
      if (event.key === "ArrowLeft") step(-1);
      else if (event.key === "ArrowRight") step(1);
    });
    return async (heading, places, strip = []) => {
      const mine = ++asked;
      title.textContent = heading;
      if (!dialog.open) { dialog.showModal(); body.focus(); }
      let panes;
      try {
        panes = await Promise.all(places.map(pane));
      } catch (error) {
        panes = [element("p", { className: "remark", textContent: `This sample cannot be shown: ${error.message}.` })];
      }
      if (mine !== asked) return;
      body.replaceChildren(...(strip.length ? [element("div", { className: "strip" }, ...strip)] : []),
        element("div", { className: "panes" }, ...panes), ...(links(places[0])));
      body.scrollTop = 0;
    };
  }

  /** The row of verdict choices above a page; returns the chosen letter and calls `changed`. */
  function verdictFilter(letters, chosen, changed) {
    const field = document.querySelector("[data-filter='verdict']");
    for (const label of field.querySelectorAll("[data-letter]")) label.hidden = !letters.has(label.dataset.letter);
    for (const input of field.querySelectorAll("input")) {
      input.checked = input.value === chosen;
      input.addEventListener("change", () => changed(input.value));
    }
  }

  return { VERDICTS, verdictButton, openViewer, verdictFilter };
})();
