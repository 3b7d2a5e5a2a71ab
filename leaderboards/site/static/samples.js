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

  function block(title, text, language = "", heading = "h4") {
    const [shown, cut] = Array.isArray(text) ? text : [text, 0];
    const plain = spelled(shown);
    const pre = element("pre", { textContent: plain, tabIndex: 0 });
    if (language) highlight(pre, plain, language);
    const parts = [element(heading, { textContent: title }), pre];
    if (cut) parts.push(element("p", { className: "facts", textContent: `${cut.toLocaleString("en")} more characters stand in the run folder.` }));
    return parts;
  }

  function facts(sample) {
    if (!sample.x) return sample.v === "." ? "not judged yet" : "did not have to run";
    const [ending, cpu, wall, memory] = sample.x;
    return `${ending} · ${cpu} s of processor time · ${wall} s in all · ${memory} MB`;
  }

  const length = text => (Array.isArray(text) ? text[0] : text).length;

  /** The code of a sample as one text; undefined where it was not taken out of the answer. */
  const codeOf = sample => (sample.c === 0 ? sample.t[sample.t.length - 1] : sample.c);

  /** The program as it ran, as a text with how many characters are missing; null where the page does not hold it. */
  function programOf(sample, frame) {
    const code = codeOf(sample);
    const around = sample.p === 0 || sample.p === undefined ? frame : sample.p;
    if (code === undefined || !length(code) || !around) return null;
    if (around.length === 1) return Array.isArray(around[0]) ? around[0] : [around[0], 0];
    if (Array.isArray(code)) return null;
    return [around[0] + code + around[1], 0];
  }

  /** Lines with numbers; those that failed are marked by a sign and a colour. Lines do not wrap, so that they stay in step. */
  function program(text, language, marks) {
    const plain = spelled(text), lines = plain.split("\n");
    const last = marks[marks.length - 1];
    const signs = lines.map((_, at) => `${at + 1 === last ? "▶" : marks.includes(at + 1) ? "·" : " "}${String(at + 1).padStart(4)}`);
    const pre = element("pre", { textContent: plain });
    highlight(pre, plain, language);
    return element("div", { className: "program", tabIndex: 0, role: "region", "aria-label": "Program as it ran" },
      element("pre", { className: "gutter", textContent: signs.join("\n"), "aria-hidden": "true" }),
      element("div", { className: "lines" }, pre, ...marks.map(line => element("span", { className: line === last ? "mark failed" : "mark", "--line": line - 1 }))));
  }

  /** Scrolls every program so that the line that failed is seen. */
  function showFailures(body) {
    for (const box of body.querySelectorAll(".program")) {
      const mark = box.querySelector(".mark.failed");
      if (mark) box.scrollTop = mark.offsetTop - box.clientHeight / 2;
    }
  }

  /** Which assertion did not hold, what was expected and what came. */
  function failure(sample, text) {
    const rows = [];
    const line = sample.m?.[sample.m.length - 1];
    const lines = text?.split("\n") ?? [];
    const asserts = (sample.m ?? []).map(each => lines[each - 1]?.trim()).filter(each => each?.startsWith("assert"));
    if (sample.h) rows.push(["Tests", `${sample.h[0]} of ${sample.h[1]} held`]);
    if (line) rows.push(["Failed at line", `${line}: ${lines[line - 1]?.trim() ?? ""}`]);
    if (asserts.length && asserts.at(-1) !== lines[line - 1]?.trim()) rows.push(["In the assertion", asserts.at(-1)]);
    const [call, expected, got] = sample.a ?? [];
    if (call) rows.push(["Call", call]);
    const equal = /^assert\s+(.+?)\s*==\s*(.+?)\s*(?:,\s*(["']).*\3)?$/.exec(asserts.at(-1) ?? "");
    if (expected || equal) rows.push(["Expected", expected || equal[2]]);
    if (got) rows.push(["Got", got]);
    else if (sample.v === "E" && sample.d) rows.push(["Got", sample.d]);
    return rows.length ? [element("dl", { className: "failure" }, ...rows.flatMap(([name, value]) =>
      [element("dt", { textContent: name }), element("dd", {}, element("code", { textContent: spelled(value) }))]))] : [];
  }

  function candidates(sample) {
    if (!sample.k) return [];
    return [element("details", {}, element("summary", { textContent: `${sample.k.length} candidates for the code` }),
      element("ul", {}, ...sample.k.map(([kind, line, defines, chosen, why]) => element("li", {},
        `${kind}${line ? `, line ${line}` : ""}${defines ? `, defines ${spelled(defines)}` : ""}: `,
        element("b", { textContent: chosen ? "chosen" : "passed over" }), `, ${why}`))))];
  }

  function paneOf(sample, prompt, frame, heading) {
    const language = prompt?.language ?? "python";
    const whole = programOf(sample, frame);
    const pane = element("section", { className: "pane" },
      element("h3", { textContent: heading }),
      element("p", { className: "facts" },
        element("span", { className: `v v-${letterClass(sample.v)}`, textContent: sample.v, "aria-hidden": "true" }), " ",
        element("span", { className: `verdict ${letterClass(sample.v)}`, textContent: VERDICTS[sample.v] }),
        ` · sample ${sample.n} · ${facts(sample)}`, sample.f ? ` · the model ended with “${sample.f}”` : null),
      sample.d ? element("p", { className: "facts", textContent: spelled(sample.d) }) : null);
    if (sample.v !== "P") pane.append(...failure(sample, whole?.[0]));
    pane.append(...(prompt ? block("Prompt", prompt.text, language)
      : [element("p", { className: "facts", textContent: "The prompt is not shown: it is not known, or the data set was not at hand when this page was built." })]));
    sample.t.forEach((text, turn) => pane.append(
      ...block(sample.t.length > 1 ? `Answer, turn ${turn + 1}` : "Answer", text, sample.c === 0 && turn === sample.t.length - 1 ? language : "")));
    if (sample.c === 0) pane.append(element("p", { className: "facts", textContent: "The code is the answer word for word." }));
    else if (sample.c !== undefined) pane.append(...block(`Code, found by the rule “${sample.r}”`, sample.c, language));
    else pane.append(element("p", { className: "facts", textContent: "The code was not taken out of this answer when the page was built." }));
    pane.append(...candidates(sample));
    if (whole) {
      const shown = element("details", { open: sample.v !== "P" && sample.v !== "J" }, element("summary", {
        textContent: sample.p === undefined ? "Program with its tests, put together as those of other samples" : "Program as it ran, with its tests" }),
        program(whole[0], language, sample.m ?? []));
      if (whole[1]) shown.append(element("p", { className: "facts", textContent: `${whole[1].toLocaleString("en")} more characters stand in the run folder.` }));
      pane.append(shown);
    }
    if (sample.e) pane.append(...block("Standard error", sample.e));
    return pane;
  }

  /** Loads what is behind {entry, column, run, problem, sample} and returns its pane. */
  async function read({ entry, column, run, problem, sample }) {
    const source = entry.rows[column].runs[run];
    const block = blockOf(problem);
    const [found, prompts] = await Promise.all([
      wavebench.load(`samples/${source.run}/${block}`),
      source.prompts ? wavebench.load(`prompts/${source.prompts}/${block}`).catch(() => ({})) : {},
    ]);
    return { sample: found.samples[problem][sample], prompt: prompts[problem], frame: found.frames[problem], name: entry.name };
  }

  /** What turns one text into another, line by line: the longest common lines stay. Null where the texts are too long. */
  function differences(before, after) {
    const [one, two] = [before, after].map(text => text.replace(/\n$/, "").split("\n"));
    if (one.length * two.length > 4e6) return null;
    const common = Array.from({ length: one.length + 1 }, () => new Uint16Array(two.length + 1));
    for (let i = one.length - 1; i >= 0; i--) {
      for (let j = two.length - 1; j >= 0; j--) {
        common[i][j] = one[i] === two[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    const lines = [];
    let i = 0, j = 0;
    while (i < one.length || j < two.length) {
      if (i < one.length && j < two.length && one[i] === two[j]) { lines.push([" ", one[i]]); i++; j++; }
      else if (j >= two.length || (i < one.length && common[i + 1][j] >= common[i][j + 1])) lines.push(["-", one[i++]]);
      else lines.push(["+", two[j++]]);
    }
    return lines;
  }

  /** The difference between the codes of two samples; their answers where no code was taken out. */
  function diffBlock([first, second]) {
    const texts = [first, second].map(({ sample }) => {
      const text = codeOf(sample) ?? sample.t.at(-1) ?? "";
      return spelled(Array.isArray(text) ? text[0] : text);
    });
    const lines = differences(...texts);
    if (!lines) return [element("p", { className: "facts", textContent: "These two are too long for a comparison line by line." })];
    const changed = lines.filter(([sign]) => sign !== " ").length;
    if (!changed) return [element("p", { className: "facts", textContent: "Both codes are the same." })];
    const kinds = { "+": "added", "-": "removed", " ": "kept" };
    return [element("h3", { textContent: `Line by line: − ${first.name}, + ${second.name}` }),
      element("pre", { className: "diff", tabIndex: 0 }, ...lines.map(([sign, text]) => element("span", { className: kinds[sign], textContent: `${sign === "-" ? "−" : sign} ${text}\n` })))];
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
      let panes, diff = [];
      try {
        const found = await Promise.all(places.map(read));
        panes = found.map(({ sample, prompt, frame, name }) => paneOf(sample, prompt, frame, name));
        if (found.length === 2) diff = diffBlock(found);
      } catch (error) {
        panes = [element("p", { className: "remark", textContent: `This sample cannot be shown: ${error.message}.` })];
      }
      if (mine !== asked) return;
      body.replaceChildren(...(strip.length ? [element("div", { className: "strip" }, ...strip)] : []),
        ...diff, element("div", { className: "panes" }, ...panes), ...(links(places[0])));
      body.scrollTop = 0;
      showFailures(body);
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

  return { VERDICTS, block, blockOf, differences, program, verdictButton, openViewer, verdictFilter };
})();
