// The index: sorting, finding, choosing k and columns, unfolding the checkpoints of a training. The view stands in the address, so that it can be shared.
"use strict";

(() => {
  const state = { sort: "", order: "", find: "", k: "", weights: "", size: "", hide: "", extra: "", open: "", ...wavebench.readHash() };
  const find = document.getElementById("find");
  const k = document.getElementById("k");
  const weights = document.getElementById("weights");
  const size = document.getElementById("size");
  const columns = document.querySelector("#columns > div");
  const count = document.getElementById("count");
  const views = [...document.querySelectorAll(".scroll[data-k]")];

  const listed = name => state[name].split(",").filter(Boolean);
  const isHidden = head => ("extra" in head.dataset ? !listed("extra").includes(head.dataset.key) : listed("hide").includes(head.dataset.key));

  function toggle(name, key) {
    const kept = listed(name).filter(each => each !== key);
    state[name] = (kept.length < listed(name).length ? kept : [...kept, key]).join(",");
  }

  /** One box per column but the model's own; hidden columns, and extra ones that are shown, stand in the address. */
  function offerColumns() {
    for (const head of views[0].querySelectorAll("thead th[data-key]")) {
      const key = head.dataset.key;
      if (key === "model") continue;
      const box = wavebench.element("input", { type: "checkbox", checked: !isHidden(head) });
      box.addEventListener("change", () => { toggle("extra" in head.dataset ? "extra" : "hide", key); show(); });
      columns.append(wavebench.element("label", {}, box, head.textContent));
    }
  }

  function hideColumns(table) {
    const hidden = [...table.tHead.rows[0].cells].map(isHidden);
    for (const row of table.rows) [...row.cells].forEach((cell, index) => { cell.hidden = hidden[index]; });
  }

  /** Earlier checkpoints are folded into the last one, unless something is searched for. */
  const isFolded = (row, words) => row.dataset.training && !("last" in row.dataset) && !words.length
    && !listed("open").includes(row.dataset.training);

  function showFolds(table) {
    for (const button of table.querySelectorAll("button.unfold")) {
      const open = listed("open").includes(button.dataset.training);
      button.setAttribute("aria-expanded", String(open));
      button.textContent = open ? "show the last" : "show all";
    }
  }

  const accepts = words => row => !isFolded(row, words) && words.every(word => row.dataset.name.includes(word))
    && (!state.weights || row.dataset.weights === state.weights)
    && (!state.size || (row.dataset.size !== "" && Number(row.dataset.size) <= Number(state.size)));

  function show() {
    const words = sorting.words(state.find);
    let shown = 0;
    for (const view of views) {
      view.hidden = state.k ? view.dataset.k !== state.k : view !== views[0];
      const table = view.querySelector("table");
      const left = sorting.filterRows(table, accepts(words));
      hideColumns(table);
      showFolds(table);
      if (!view.hidden) shown = left;
      if (state.sort) sorting.sortTable(table, state.sort, state.order);
    }
    count.textContent = words.length || state.weights || state.size ? `${shown} shown` : "";
    wavebench.writeHash(state);
  }

  for (const view of views) {
    for (const button of view.querySelectorAll("button.unfold")) {
      button.addEventListener("click", () => { toggle("open", button.dataset.training); show(); });
    }
    sorting.onSort(view.querySelector("table"), (key, order) => { Object.assign(state, { sort: key, order }); show(); });
  }
  find.value = state.find;
  find.addEventListener("input", () => { state.find = find.value; show(); });
  if (k) {
    if (state.k) k.value = state.k;
    k.addEventListener("change", () => { state.k = k.value; show(); });
  }
  for (const [name, select] of [["weights", weights], ["size", size]]) {
    if (!select) continue;
    select.value = state[name];
    select.addEventListener("change", () => { state[name] = select.value; show(); });
  }
  offerColumns();
  show();

  const printed = document.querySelector("#published-table table");
  if (!printed) return;
  const findPublished = document.getElementById("find-published");
  const benchmark = document.getElementById("benchmark");
  function showPublished() {
    const words = sorting.words(findPublished.value);
    const shown = sorting.filterRows(printed, row =>
      (!benchmark.value || row.dataset.benchmark === benchmark.value) &&
      words.every(word => row.dataset.name.includes(word)));
    document.getElementById("count-published").textContent = `${shown} shown`;
  }
  sorting.onSort(printed, (key, order) => sorting.sortTable(printed, key, order));
  findPublished.addEventListener("input", showPublished);
  benchmark.addEventListener("change", showPublished);
})();
