// The search page: MiniSearch over the entries of search-entries.js, which the page loads before this script.
import MiniSearch from "minisearch";

const SHOWN = 50;
const EXCERPT = 160; // characters
const root = document.body.dataset.root;

// Chinese and Japanese have no spaces between words, so their characters count as words.
const tokenize = (text) =>
  text.split(/[\n\r\p{Z}\p{P}\p{S}]+/u).flatMap((word) => word.match(/[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|[^\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]+/gu) ?? []);
const fold = (word) => word.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase();

const entries = window.espressSearchEntries.map(([path, title, text, kind, language], id) => ({ id, path, title, text, kind, language }));
const index = new MiniSearch({
  fields: ["title", "text"],
  tokenize,
  processTerm: fold,
  searchOptions: {
    boost: { title: 3 },
    prefix: (term) => term.length > 2,
    fuzzy: (term) => (term.length > 5 ? 0.15 : false),
    combineWith: "AND",
    boostDocument: (id) => (entries[id].kind === "term" ? 1.5 : 1),
  },
});
index.addAll(entries);

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

// The words around the first match, with every match marked; text stays text.
const excerpt = (text, terms) => {
  const found = [...text.matchAll(/[\p{L}\p{N}_]+/gu)].filter(([word]) => terms.some((term) => fold(word).includes(term)));
  const middle = found[0]?.index ?? 0;
  const start = middle < EXCERPT / 2 ? 0 : text.lastIndexOf(" ", middle - EXCERPT / 3) + 1;
  const space = text.lastIndexOf(" ", start + EXCERPT);
  const end = text.length <= start + EXCERPT ? text.length : space > middle ? space : start + EXCERPT;
  const parts = [start ? "… " : ""];
  let at = start;
  for (const match of found) {
    if (match.index < at || match.index + match[0].length > end) continue;
    parts.push(text.slice(at, match.index), element("mark", { textContent: match[0] }));
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at, end), end < text.length ? " …" : "");
  return parts;
};

const form = document.getElementById("search-form");
const input = document.getElementById("query");
const status = document.getElementById("search-status");
const list = document.getElementById("results");
const kinds = document.getElementById("kinds");
const nothing = document.getElementById("nothing");
const names = Object.fromEntries([...kinds.querySelectorAll("input")].map((box) => [box.value, box.parentElement.textContent.trim()]));
const about = status.textContent;
const chosen = () => [...kinds.querySelectorAll("input:checked")].map((box) => box.value);

const show = () => {
  const query = input.value.trim();
  if (!query) {
    status.textContent = about;
    nothing.hidden = true;
    list.replaceChildren();
    return;
  }
  const wanted = chosen();
  const filter = wanted.length ? ({ id }) => wanted.includes(entries[id].kind) : undefined;
  let found = index.search(query, { filter });
  const any = !found.length;
  if (any) found = index.search(query, { filter, combineWith: "OR" });
  nothing.hidden = found.length > 0;
  status.textContent = !found.length
    ? `Nothing was found for “${query}”.`
    : `${found.length} result${found.length === 1 ? "" : "s"}${any ? " with some of the words" : ""}${found.length > SHOWN ? `, the best ${SHOWN} first` : ""}.`;
  list.replaceChildren(
    ...found.slice(0, SHOWN).map(({ id, terms }) => {
      const { path, title, text, kind, language } = entries[id];
      const words = element("p", { dir: "auto", lang: language ?? "en" }, ...excerpt(text, terms));
      return element("li", {}, element("a", { href: root + path, textContent: title, dir: "auto" }), " ", element("span", { className: "soft", textContent: names[kind] }), words);
    }),
  );
};

const remember = () => {
  const address = input.value.trim() ? `?q=${encodeURIComponent(input.value.trim())}` : "";
  try { history.replaceState(null, "", location.pathname + address); } catch { /* not allowed on a disk */ }
};
input.addEventListener("input", show);
kinds.addEventListener("change", show);
form.addEventListener("submit", (event) => { event.preventDefault(); show(); remember(); });
input.value = new URLSearchParams(location.search).get("q") ?? "";
show();
if (!input.value) input.focus();
