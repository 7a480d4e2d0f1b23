// JavaScript reads the Parquet files by hyparquet and hashes every table by itself.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

/** Return a value as canonical JSON; `field` is its place in the file's schema, which tells a float from an integer. */
function json(value, field) {
  if (value === null || value === undefined) return 'null'
  if (value instanceof Date) return JSON.stringify(field.element.converted_type === 'DATE' ? day(value) : value.toISOString())
  if (Array.isArray(value)) return `[${value.map(item => json(item, field.children[0].children[0])).join(',')}]`
  if (typeof value === 'object') return object(value, field)
  if (field.element.type === 'DOUBLE') return JSON.stringify((Number(value.toFixed(6)) + 0).toFixed(6)) // no -0
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value)
}

function object(row, field) {
  const fields = [...field.children].sort((one, other) => bytewise(one.element.name, other.element.name))
  return `{${fields.map(each => `${JSON.stringify(each.element.name)}:${json(row[each.element.name], each)}`).join(',')}}`
}

/** Compare as UTF-8 bytes: JavaScript's own order is by UTF-16 units, which puts astral characters elsewhere. */
function bytewise(one, other) {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

function day(date) {
  return date.toISOString().slice(0, 10)
}

const [subject] = process.argv.slice(2)
const library = new URL('./package.json', import.meta.resolve('hyparquet').replace('/src/', '/'))
console.log(`${JSON.parse(readFileSync(library)).version}/node-${process.versions.node}`)
const folder = join(subject, 'dataset', 'data')
for (const name of readdirSync(folder).filter(name => name.endsWith('.parquet')).sort()) {
  const file = await asyncBufferFromFile(join(folder, name))
  const metadata = await parquetMetadataAsync(file)
  const rows = await parquetReadObjects({ file, metadata, compressors })
  const lines = rows.map(row => object(row, parquetSchema(metadata)) + '\n').sort(bytewise)
  console.log(name.slice(0, -'.parquet'.length), lines.length, createHash('sha256').update(lines.join('')).digest('hex'))
}
