// The index: sorting, finding, choosing k and columns, unfolding the checkpoints of a training. The view stands in the address, so that it can be shared.
"use strict";

(() => {
  const filters = [...document.querySelectorAll("#filters select")];
  const unfiltered = Object.fromEntries(filters.map(select => [select.dataset.key, ""]));
  const state = { sort: "", order: "", find: "", k: "", hide: "", extra: "", open: "", ...unfiltered, ...wavebench.readHash() };
  const find = document.getElementById("find");
  const k = document.getElementById("k");
  const narrow = matchMedia("(max-width: 40rem)");
  const columns = document.querySelector("#columns > div");
  const count = document.getElementById("count");
  const views = [...document.querySelectorAll(".scroll[data-k]")];

  const listed = name => state[name].split(",").filter(Boolean);
  /** Facts of a model that are shown only when somebody asks for them; on a narrow screen scores come first. */
  const onDemand = head => head.dataset.fact === "extra" || (head.dataset.fact === "wide" && narrow.matches);
  const isHidden = head => listed("hide").includes(head.dataset.key) || (onDemand(head) && !listed("extra").includes(head.dataset.key));

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
      box.addEventListener("change", () => {
        if (box.checked && listed("hide").includes(key)) toggle("hide", key);
        else toggle(onDemand(head) ? "extra" : "hide", key);
        show();
      });
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

  const meets = {
    "equal": (value, wanted) => value === wanted,
    "at-most": (value, wanted) => value !== "" && Number(value) <= Number(wanted),
    "since": (value, wanted) => value !== "" && value >= wanted,
  };

  /** What the chosen menus ask of a row of a table. */
  function demands(table) {
    const keys = [...table.tHead.rows[0].cells].map(head => head.dataset.key);
    return filters.filter(select => select.value)
      .map(({ dataset, value }) => row => meets[dataset.kind](row.cells[keys.indexOf(dataset.key)].dataset.value, value));
  }

  const accepts = (words, asked) => row => !isFolded(row, words) && words.every(word => row.dataset.name.includes(word))
    && asked.every(meetsIt => meetsIt(row));

  function show() {
    const words = sorting.words(state.find);
    let shown = 0;
    for (const view of views) {
      view.hidden = state.k ? view.dataset.k !== state.k : view !== views[0];
      const table = view.querySelector("table");
      const left = sorting.filterRows(table, accepts(words, demands(table)));
      hideColumns(table);
      showFolds(table);
      if (!view.hidden) shown = left;
      if (state.sort) sorting.sortTable(table, state.sort, state.order);
    }
    const chosen = filters.filter(select => select.value).length;
    if (filters.length) document.querySelector("#filters summary").textContent = chosen ? `Filters (${chosen})` : "Filters";
    count.textContent = words.length || chosen ? `${shown} shown` : "";
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
  for (const select of filters) {
    const { key } = select.dataset;
    // What an address names but no row has is no filter.
    if ([...select.options].some(option => option.value === state[key])) select.value = state[key];
    state[key] = select.value;
    select.addEventListener("change", () => { state[key] = select.value; show(); });
  }
  narrow.addEventListener("change", show);
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
