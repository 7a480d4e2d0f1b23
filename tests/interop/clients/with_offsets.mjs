// Runs the JavaScript of docs/user/offsets.md on every unit, and hashes what it gives.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const [subject] = process.argv.slice(2)
const units = JSON.parse(readFileSync(join(subject, 'units.json'), 'utf8'))
const page = readFileSync(join(subject, 'offsets.md'), 'utf8')
const [, code] = page.match(/```js name=offsets\n(.*?)```/s)
const run = new Function('text', 'start', 'end', `${code}; return { unit, from, to, back, backEnd }`)
const found = units.map(({ text, start, end }) => run(text, start, end))

function report(name, lines) {
  console.log(name, lines.length, createHash('sha256').update(lines.join('\n')).digest('hex'))
}

console.log(`node-${process.versions.node}`)
report('units', found.map(({ unit }) => unit))
report('utf16', found.map(({ from, to }) => `${from} ${to}`))
report('places', found.map(({ back, backEnd }) => `${back} ${backEnd}`))
