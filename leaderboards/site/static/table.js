// The index: sorting, finding, choosing k. The view stands in the address, so that it can be shared.
"use strict";

(() => {
  const state = { sort: "", order: "", find: "", k: "", weights: "", size: "", hide: "", ...wavebench.readHash() };
  const collator = new Intl.Collator("en", { numeric: true });
  const find = document.getElementById("find");
  const k = document.getElementById("k");
  const weights = document.getElementById("weights");
  const size = document.getElementById("size");
  const columns = document.querySelector("#columns > div");
  const count = document.getElementById("count");
  const views = [...document.querySelectorAll(".scroll[data-k]")];

  function compareValues(a, b) {
    const numbers = a !== "" && b !== "" && !isNaN(a) && !isNaN(b);
    return numbers ? a - b : collator.compare(a, b);
  }

  /** Rows without a value come last, whichever way is sorted. */
  function sortTable(table, key, order) {
    const heads = [...table.tHead.rows[0].cells];
    const index = heads.findIndex(head => head.dataset.key === key);
    if (index < 0) return;
    const direction = order === "asc" ? 1 : -1;
    const value = row => row.cells[index].dataset.value;
    const rows = [...table.tBodies[0].rows].sort((one, two) =>
      (value(one) === "") - (value(two) === "") || direction * compareValues(value(one), value(two)));
    table.tBodies[0].append(...rows);
    heads.forEach((head, at) => {
      if (at === index) head.setAttribute("aria-sort", order === "asc" ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
  }

  const usualOrder = head => (head.classList.contains("number") && head.dataset.key !== "rank" ? "desc" : "asc");

  function onSort(table, then) {
    for (const head of table.tHead.rows[0].cells) {
      head.querySelector("button").addEventListener("click", () => {
        const sorted = head.getAttribute("aria-sort");
        const usual = usualOrder(head);
        const order = !sorted ? usual : sorted === "ascending" ? "desc" : "asc";
        then(head.dataset.key, order);
      });
    }
  }

  function filterRows(table, accept) {
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      row.hidden = !accept(row);
      shown += !row.hidden;
    }
    return shown;
  }

  /** One box per column but the model's own; hidden columns stand in the address. */
  function offerColumns() {
    const hidden = () => state.hide.split(",").filter(Boolean);
    for (const head of views[0].querySelectorAll("thead th[data-key]")) {
      const key = head.dataset.key;
      if (key === "model") continue;
      const box = wavebench.element("input", { type: "checkbox", checked: !hidden().includes(key) });
      box.addEventListener("change", () => {
        state.hide = [...hidden().filter(each => each !== key), ...(box.checked ? [] : [key])].join(",");
        show();
      });
      columns.append(wavebench.element("label", {}, box, head.textContent));
    }
  }

  function hideColumns(table) {
    const hidden = state.hide.split(",");
    const heads = [...table.tHead.rows[0].cells].map(head => hidden.includes(head.dataset.key));
    for (const row of table.rows) [...row.cells].forEach((cell, index) => { cell.hidden = heads[index]; });
  }

  const accepts = words => row => words.every(word => row.dataset.name.includes(word))
    && (!state.weights || row.dataset.weights === state.weights)
    && (!state.size || (row.dataset.size !== "" && Number(row.dataset.size) <= Number(state.size)));

  function show() {
    const words = state.find.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const view of views) {
      view.hidden = state.k ? view.dataset.k !== state.k : view !== views[0];
      const table = view.querySelector("table");
      const left = filterRows(table, accepts(words));
      hideColumns(table);
      if (!view.hidden) shown = left;
      if (state.sort) sortTable(table, state.sort, state.order);
    }
    count.textContent = words.length || state.weights || state.size ? `${shown} shown` : "";
    wavebench.writeHash(state);
  }

  for (const view of views) {
    onSort(view.querySelector("table"), (key, order) => { Object.assign(state, { sort: key, order }); show(); });
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
    const words = findPublished.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = filterRows(printed, row =>
      (!benchmark.value || row.dataset.benchmark === benchmark.value) &&
      words.every(word => row.dataset.name.includes(word)));
    document.getElementById("count-published").textContent = `${shown} shown`;
  }
  onSort(printed, (key, order) => sortTable(printed, key, order));
  findPublished.addEventListener("input", showPublished);
  benchmark.addEventListener("change", showPublished);
})();
