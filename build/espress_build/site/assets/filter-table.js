// Filters a table, or a list of elements by words, by the controls of a form; keeps the filters in the address after
// "#", and sorts a table by a column.
//
// <form data-filter="ID">: each <select data-column="N"> keeps rows whose cell N has the chosen value (with
// data-match="start": begins with it); <input type="search"> keeps rows that contain every word. A cell's value is its
// data-value, otherwise its text. A <select data-fill> gets its options from the rows: the values of its column, named by
// the link or the text of the cell; a <select data-titles> names the codes in its column. Each option says how many rows
// it would leave, given the other filters. <output data-count="ID"> says how many rows are left.
// Links to "#name=value" set the filters. "?name=value" works too.
(() => {
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const read = (cell) => cell.dataset.value ?? cell.textContent.trim();

  function filterTable(form) {
    const table = document.getElementById(form.dataset.filter);
    const body = table.tBodies?.[0];
    const status = document.querySelector(`[data-count="${table.id}"]`);
    const selects = [...form.querySelectorAll("select[name]")];
    const input = form.querySelector("input[type=search]");
    const controls = input ? [...selects, input] : selects;
    const rows = [...(body?.rows ?? table.children)].map((row) => ({
      row,
      values: [...(row.cells ?? [])].map(read),
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

    const names = new Map(
      selects.flatMap((select) => [...select.options]).map((option) => [option, option.text.replace(/, \d+$/, "")]),
    );
    for (const select of selects.filter((one) => "titles" in one.dataset)) {
      const place = Number(select.dataset.column);
      const titles = new Map([...select.options].map((option) => [option.value, names.get(option)]));
      for (const { row, values } of rows) {
        const title = titles.get(values[place]);
        if (title && title !== values[place]) row.cells[place].title = title;
      }
    }

    const accepts = (select, wanted, { values }) => {
      const value = values[Number(select.dataset.column)];
      return !wanted || (select.dataset.match === "start" ? value.startsWith(wanted) : value === wanted);
    };

    const none = document.createElement("p");
    const all = document.createElement("button");
    all.type = "button";
    all.textContent = "Show all";
    all.addEventListener("click", () => form.reset());
    none.append("Nothing matches. ", all);
    none.hidden = true;
    status.parentElement.after(none);

    // A row that only one menu hides is counted in the options of that menu, one that nothing hides in all menus.
    const show = () => {
      const words = input ? plain(input.value).split(/\s+/) : [];
      const left = new Map(selects.map((select) => [select, []]));
      let shown = 0;
      for (const one of rows) {
        const against = selects.filter((select) => !accepts(select, select.value, one));
        const found = words.every((word) => one.text.includes(word));
        one.row.hidden = !found || against.length > 0;
        shown += !one.row.hidden;
        const open = against.length ? against.filter(() => against.length === 1) : selects;
        if (found) for (const select of open) left.get(select).push(one);
      }
      for (const select of selects) {
        for (const option of select.options) {
          if (!option.value) continue;
          option.text = `${names.get(option)}, ${left.get(select).filter((one) => accepts(select, option.value, one)).length}`;
        }
      }
      none.hidden = shown > 0;
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
    addEventListener("hashchange", () => {
      if (location.hash.includes("=") || !location.hash) {
        if (restore()) jump();
        return;
      }
      const target = document.getElementById(location.hash.slice(1)); // a link to what a filter hides shows it
      if (rows.some(({ row }) => row === target && row.hidden)) {
        for (const control of controls) control.value = "";
        show();
        target.scrollIntoView();
      }
    });
    if (restore()) requestAnimationFrame(() => form.scrollIntoView({ block: "start", behavior: "instant" }));

    for (const [place, head] of [...(table.tHead?.rows[0].cells ?? [])].entries()) {
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
  for (const figure of document.querySelectorAll("[data-end]")) figure.scrollLeft = figure.scrollWidth;
})();
