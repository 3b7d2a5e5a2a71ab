// Tables that sort by a click on a head and show only the rows that are accepted.
"use strict";

const sorting = (() => {
  const collator = new Intl.Collator("en", { numeric: true });

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

  return { sortTable, onSort, filterRows, words: look.words };
})();
