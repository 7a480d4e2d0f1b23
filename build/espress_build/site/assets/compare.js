// Draw a line from each claim to the units that report it, and light up what belongs together.
(() => {
  const columns = document.querySelector(".compare .columns");
  const lines = columns.querySelector(".lines");
  const make = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  function draw() {
    lines.replaceChildren();
    if (getComputedStyle(lines).display === "none") return;
    const origin = lines.getBoundingClientRect();
    for (const cell of columns.querySelectorAll(".claims td")) {
      const from = cell.getBoundingClientRect();
      if (from.height === 0) continue;
      const left = cell.dataset.side === "left";
      const x = (left ? from.left : from.right) - origin.left;
      const y = (from.top + from.bottom) / 2 - origin.top;
      const status = [...cell.classList].find((name) => name.startsWith("status-")).slice(7);
      const claim = cell.parentElement.id;
      if (status === "left_out") lines.append(make("path", { d: `M${x},${y}h${left ? -14 : 14}`, class: status, "data-claim": claim }));
      for (const link of cell.querySelectorAll("a")) {
        const unit = document.getElementById(link.hash.slice(1));
        const to = unit.getBoundingClientRect();
        const endX = (left ? to.right : to.left) - origin.left;
        const endY = to.top - origin.top + Math.min(to.height / 2, 20);
        const middle = (x + endX) / 2;
        lines.append(make("path", {
          d: `M${x},${y}C${middle},${y} ${middle},${endY} ${endX},${endY}`, class: status, "data-claim": claim, "data-unit": unit.id,
        }));
      }
    }
  }

  function light(place) {
    for (const lit of columns.querySelectorAll(".on")) lit.classList.remove("on");
    if (!place) return;
    const row = place.closest(".claims tbody tr");
    const unit = place.closest(".side .unit");
    for (const line of lines.children) {
      if (row ? line.dataset.claim !== row.id : !unit || line.dataset.unit !== unit.id) continue;
      line.classList.add("on");
      for (const id of [line.dataset.claim, line.dataset.unit]) if (id) document.getElementById(id).classList.add("on");
    }
  }

  new ResizeObserver(draw).observe(columns);
  for (const choice of document.querySelectorAll(".compare .choice input")) choice.addEventListener("change", draw);
  columns.addEventListener("pointerover", (happened) => light(happened.target));
  columns.addEventListener("pointerleave", () => light(null));
  columns.addEventListener("focusin", (happened) => light(happened.target));
  draw();
})();
