// Show which words of a unit an entry in the margin is about, and close the explanation of a fact with Escape. On a
// narrow screen the facts are folded, so that the text comes sooner.
// The page can be read without this script.
(() => {
  const facts = document.querySelector(".reader .facts");
  if (facts && matchMedia("(max-width: 60rem)").matches) facts.open = false;
  const light = (place, on) => {
    const keys = place.dataset.entry.split(" ");
    for (const other of place.closest(".unit").querySelectorAll("[data-entry]")) {
      if (other.dataset.entry.split(" ").some((key) => keys.includes(key))) other.classList.toggle("on", on);
    }
  };
  for (const [event, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
    document.addEventListener(event, (happened) => {
      const place = happened.target instanceof Element && happened.target.closest(".reader [data-entry]");
      if (place) light(place, on);
    });
  }
  document.addEventListener("keydown", (happened) => {
    if (happened.key !== "Escape") return;
    for (const fact of document.querySelectorAll(".reader .facts dd:is(:hover, :focus-within)")) fact.classList.add("shut");
  });
  for (const fact of document.querySelectorAll(".reader .facts dd")) {
    for (const event of ["pointerenter", "focusin"]) fact.addEventListener(event, () => fact.classList.remove("shut"));
  }
})();
