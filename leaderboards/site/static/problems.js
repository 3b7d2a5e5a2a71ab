// The problems of a task: sorting, finding, and the marked ones. The view stands in the address.
"use strict";

(() => {
  const state = { sort: "", order: "", find: "", mark: "", ...wavebench.readHash() };
  const table = document.getElementById("problems");
  const find = document.getElementById("find"), mark = document.getElementById("mark");

  function show() {
    const words = sorting.words(state.find);
    const shown = sorting.filterRows(table, row => words.every(word => row.dataset.name.includes(word))
      && (!state.mark || row.dataset.marks.split(" ").includes(state.mark)));
    document.getElementById("count").textContent = `${shown} of ${table.tBodies[0].rows.length} problems`;
    if (state.sort) sorting.sortTable(table, state.sort, state.order);
    wavebench.writeHash(state);
  }

  sorting.onSort(table, (key, order) => { Object.assign(state, { sort: key, order }); show(); });
  find.value = state.find;
  mark.value = state.mark;
  find.addEventListener("input", () => { state.find = find.value; show(); });
  mark.addEventListener("change", () => { state.mark = mark.value; show(); });
  show();
})();
