// Filters a table by the controls of a form, keeps the filters in the address after "#", and sorts by a column.
//
// <form data-filter="ID">: each <select data-column="N"> keeps rows whose cell N has the chosen value (with
// data-match="start": begins with it); <input type="search"> keeps rows that contain every word. A cell's value is its
// data-value, otherwise its text. A <select data-fill> gets its options from the rows: the values of its column, named by
// the link or the text of the cell. <output data-count="ID"> says how many rows are left.
// Links to "#name=value" set the filters. "?name=value" works too.
(() => {
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const read = (cell) => cell.dataset.value ?? cell.textContent.trim();

  function filterTable(form) {
    const table = document.getElementById(form.dataset.filter);
    const body = table.tBodies[0];
    const status = document.querySelector(`[data-count="${table.id}"]`);
    const selects = [...form.querySelectorAll("select[name]")];
    const input = form.querySelector("input[type=search]");
    const controls = input ? [...selects, input] : selects;
    const rows = [...body.rows].map((row) => ({
      row,
      values: [...row.cells].map(read),
      text: plain([row.textContent, ...[...row.querySelectorAll("a")].map((link) => link.getAttribute("href"))].join(" ")),
    }));

    for (const select of selects.filter((one) => "fill" in one.dataset)) {
      const found = new Map();
      for (const { row, values } of rows) {
        const cell = row.cells[Number(select.dataset.column)];
        const value = values[Number(select.dataset.column)];
        const name = (cell.querySelector("a") ?? cell.firstChild).textContent.trim();
        found.set(value, [name, (found.get(value)?.[1] ?? 0) + 1]);
      }
      const named = [...found].sort(([, [one]], [, [other]]) => one.localeCompare(other, "en"));
      select.append(...named.map(([value, [name, number]]) => new Option(`${name}, ${number}`, value)));
    }

    const fits = ({ values, text }) => {
      for (const select of selects) {
        const value = values[Number(select.dataset.column)];
        if (select.value && (select.dataset.match === "start" ? !value.startsWith(select.value) : value !== select.value)) {
          return false;
        }
      }
      return !input || plain(input.value).split(/\s+/).every((word) => text.includes(word));
    };

    const show = () => {
      let shown = 0;
      for (const one of rows) {
        const fit = fits(one);
        one.row.hidden = !fit;
        shown += fit;
      }
      status.textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} ${status.dataset.noun}`;
    };

    // "#cat-0123" without "=" is the place of a row, not a filter.
    const fromAddress = () => {
      const found = new URLSearchParams(location.search);
      const anchor = location.hash.slice(1);
      if (anchor.includes("=")) for (const [name, value] of new URLSearchParams(anchor)) found.set(name, value);
      return found;
    };

    const restore = () => {
      const found = fromAddress();
      for (const control of controls) {
        control.value = found.get(control.name) ?? "";
        if (control.value !== (found.get(control.name) ?? "")) control.value = ""; // not among the options
      }
      show();
      return controls.some((control) => control.value);
    };

    const keep = () => {
      const chosen = new URLSearchParams();
      for (const control of controls) {
        if (control.value || new URLSearchParams(location.search).has(control.name)) chosen.set(control.name, control.value);
      }
      const anchor = chosen.size ? `#${chosen}` : " ";
      try {
        history.replaceState(null, "", chosen.size ? anchor : location.pathname + location.search);
      } catch { /* the browser does not let this page change its address: the filters work all the same */ }
    };

    const jump = () => {
      form.scrollIntoView({ block: "start", behavior: "instant" });
      controls[0].focus({ preventScroll: true });
    };

    form.addEventListener("input", () => { show(); keep(); });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => { show(); keep(); controls[0].focus(); }));
    addEventListener("hashchange", () => { if (location.hash.includes("=") || !location.hash) { if (restore()) jump(); } });
    if (restore()) requestAnimationFrame(() => form.scrollIntoView({ block: "start", behavior: "instant" }));

    for (const [place, head] of [...table.tHead.rows[0].cells].entries()) {
      if (!head.dataset.sort) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const compare = head.dataset.sort === "number"
          ? (one, other) => Number(one.values[place]) - Number(other.values[place])
          : (one, other) => one.values[place].localeCompare(other.values[place], "en");
        const sorted = [...rows].sort((one, other) => (down ? compare(other, one) : compare(one, other)));
        body.append(...sorted.map((one) => one.row));
      });
    }
  }

  for (const form of document.querySelectorAll("form[data-filter]")) filterTable(form);
})();
