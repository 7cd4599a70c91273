// Runs operations of the official Prisma client: one JSON object a line in, one a line out, in any order.
//
// In:  {"id", "url", "do": "operation" | "batch" | "transaction" | "queryRaw" | "executeRaw", …}
// Out: {"id", "value"} or {"id", "error": {"kind", "code", "message"}}
//
// What JSON has no form for is {"$": kind, "v": text}, in both directions.
const path = require('node:path')
const readline = require('node:readline')
const load = require('node:module').createRequire(path.join(process.argv[2], 'package.json'))
const { Prisma, PrismaClient } = load('@prisma/client')
const { PrismaPg } = load('@prisma/adapter-pg')

const clients = new Map()

function client(url) {
  let known = clients.get(url)
  if (known === undefined) {
    const adapter = new PrismaPg({ connectionString: url, max: 4 })
    clients.set(url, (known = new PrismaClient({ adapter, errorFormat: 'minimal' })))
  }
  return known
}

function delegate(db, model) {
  return db[model[0].toLowerCase() + model.slice(1)]
}

const READ = {
  DateTime: (text) => new Date(text),
  Decimal: (text) => new Prisma.Decimal(text),
  BigInt: (text) => BigInt(text),
  Bytes: (text) => new Uint8Array(Buffer.from(text, 'base64')),
  Number: (text) => Number(text),
  Null: (name) => Prisma[name],
  Json: (document) => document,
  Field: ([model, name], db) => delegate(db, model).fields[name],
}

function read(value, db) {
  if (Array.isArray(value)) return value.map((item) => read(item, db))
  if (value === null || typeof value !== 'object') return value
  if ('$' in value) return READ[value.$](value.v, db)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(item, db)]))
}

function write(value) {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return { $: 'BigInt', v: String(value) }
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $: 'Number', v: String(value) }
  if (typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(write)
  if (value instanceof Date) return { $: 'DateTime', v: Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString() }
  if (value instanceof Uint8Array) return { $: 'Bytes', v: Buffer.from(value).toString('base64') }
  if (Prisma.Decimal.isDecimal(value)) return { $: 'Decimal', v: value.toString() }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, write(item)]))
}

function failure(error) {
  let kind = 'other'
  if (error instanceof Prisma.PrismaClientKnownRequestError) kind = 'known'
  else if (error instanceof Prisma.PrismaClientValidationError) kind = 'validation'
  else if (error instanceof Prisma.PrismaClientUnknownRequestError) kind = 'unknown'
  return { kind, code: error.code ?? null, message: `${error.name}: ${error.message}` }
}

class Rollback extends Error {}

function start(db, step) {
  if (step.do === 'queryRaw') return db.$queryRawUnsafe(step.sql, ...read(step.values, db))
  if (step.do === 'executeRaw') return db.$executeRawUnsafe(step.sql, ...read(step.values, db))
  return delegate(db, step.model)[step.action](read(step.args, db))
}

async function outcome(promise) {
  try {
    return { value: write(await promise()) }
  } catch (error) {
    return { error: failure(error) }
  }
}

// All steps in one interactive transaction: what each gave, and whether the whole was kept.
async function transaction(db, request) {
  const outcomes = []
  const run = async (tx) => {
    for (const step of request.steps) outcomes.push(await outcome(async () => start(tx, step)))
    if (request.rollback) throw new Rollback()
  }
  try {
    await db.$transaction(run, request.options ?? {})
  } catch (error) {
    if (!(error instanceof Rollback)) return { outcomes, error: failure(error) }
  }
  return { outcomes }
}

async function answer(request) {
  const db = client(request.url)
  if (request.do === 'transaction') return transaction(db, request)
  if (request.do === 'batch') {
    return outcome(async () => db.$transaction(request.steps.map((step) => start(db, step))))
  }
  return outcome(async () => start(db, request))
}

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const request = JSON.parse(line)
  const result = await answer(request).catch((error) => ({ error: failure(error) }))
  process.stdout.write(JSON.stringify({ id: request.id, ...result }) + '\n')
}).on('close', () => process.exit(0))
