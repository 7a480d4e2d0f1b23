// What every page does: the button for light and dark, buttons that copy a snippet, and the navigation's place.
(() => {
  const themes = ["system", "light", "dark"];
  const read = () => { try { return localStorage.getItem("espress-theme"); } catch { return null; } };
  const write = (theme) => {
    try {
      if (theme === "system") localStorage.removeItem("espress-theme");
      else localStorage.setItem("espress-theme", theme);
    } catch { /* storage is off: the choice holds for this page */ }
  };
  const toggle = document.querySelector("[data-theme-toggle]");
  let theme = read() ?? "system";
  const show = () => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    toggle.lastChild.textContent = theme;
  };
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    write(theme);
    show();
  });
  show();

  // Pages opened from a disk may have no clipboard; then the text is selected for the reader to copy.
  const copy = async (source) => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      return document.execCommand("copy") ? "Copied" : "Selected: press Ctrl+C";
    }
  };
  for (const button of document.querySelectorAll("[data-copy]")) {
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.textContent = await copy(document.getElementById(button.dataset.copy));
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }
})();

// On a narrow screen the navigation scrolls within its line; the current section is brought into sight.
(() => {
  const current = document.querySelector(".site-header nav [aria-current]");
  const list = current?.closest("ul");
  if (list) list.scrollLeft = current.offsetLeft - list.offsetLeft - 16;
})();

// A region that scrolls is a tab stop, so that the arrow keys move it; one that fits is none.
(() => {
  const regions = document.querySelectorAll(".table, pre");
  const mark = (region) => {
    if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
    else region.removeAttribute("tabindex");
  };
  const watch = new ResizeObserver((seen) => seen.forEach((one) => mark(one.target)));
  for (const region of regions) { mark(region); watch.observe(region); }
})();
