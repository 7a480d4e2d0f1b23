// Check the grammar of the English constructed texts with Harper, and print what nobody has read yet.
//
// Usage: node grammar.mjs TEXTS REVIEWED [--accept]. TEXTS has one sentence a line. REVIEWED lists the places that were
// read and found right: kind, message and sentence, divided by tabs; --accept writes the places found now. Exits 1 if a
// place is new. Spelling and style are left out: names are invented, and newspapers differ in style.
import { readFileSync, writeFileSync } from "node:fs";
import { Dialect, LocalLinter } from "harper.js";
import { binary } from "harper.js/binary";

const [texts, reviewed, accept] = process.argv.slice(2);
const kinds = new Set(["Agreement", "Capitalization", "Grammar", "Miscellaneous", "Punctuation", "Repetition", "Usage"]);

const linter = new LocalLinter({ binary, dialect: Dialect.British });
await linter.setup();
const found = new Set();
for (const sentence of readFileSync(texts, "utf8").trim().split("\n")) {
  for (const lint of await linter.lint(sentence)) {
    if (kinds.has(lint.lint_kind())) found.add([lint.lint_kind(), lint.message(), sentence].join("\t"));
  }
}
if (accept) writeFileSync(reviewed, `${[...found].sort().join("\n")}\n`);
const known = new Set(readFileSync(reviewed, "utf8").trim().split("\n"));
const fresh = [...found].filter((place) => !known.has(place)).sort();
console.log(fresh.join("\n"));
console.log(`${found.size} places found, ${fresh.length} of them not read yet: mend them, or accept them with --accept`);
process.exitCode = fresh.length ? 1 : 0;
