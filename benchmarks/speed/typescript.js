// The official TypeScript client as a peer: the same operations and the same lines over the pipe as in `worker.py`.
//
//     node typescript.js <folder of the generated client> <database address> <numbers of operations.py as JSON>
const path = require('node:path')
const readline = require('node:readline')
const [folder, url, numbers] = process.argv.slice(2)
const load = require('node:module').createRequire(path.join(folder, 'schema.prisma'))
const { PrismaClient } = load('./client')
const { PrismaPg } = load('@prisma/adapter-pg')
const { users, posts, rows, step, tasks, connections, body } = JSON.parse(numbers)

const db = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: connections }) })

const userId = (number) => 1 + ((number * step) % users)
const firstPostId = (number) => 1 + ((number * step) % (posts - rows))
const page = (number) => ({ where: { id: { gte: firstPostId(number) } }, orderBy: { id: 'asc' }, take: rows })

const operations = {
  unique: (number) => db.user.findUnique({ where: { id: userId(number) } }),
  rows: (number) => db.post.findMany(page(number)),
  include: (number) => db.post.findMany({ ...page(number), include: { author: true } }),
  create: (number) =>
    db.post.create({
      data: { title: `Post number ${number} of a round`, body, author: { connect: { id: userId(number) } } },
    }),
}

async function inTasks(first, runs) {
  const task = async (start) => {
    for (let number = start; number < first + runs; number += tasks) await operations.unique(number)
  }
  await Promise.all(Array.from({ length: tasks }, (_, index) => task(first + index)))
}

async function measure({ operation, first, runs }) {
  const started = process.hrtime.bigint()
  if (operation === 'tasks') await inTasks(first, runs)
  else for (let number = first; number < first + runs; number++) await operations[operation](number)
  return Number(process.hrtime.bigint() - started) / 1e9
}

const plain = (value) => JSON.parse(JSON.stringify(value, (_, item) => (item === null ? undefined : item)))

async function main() {
  await db.$connect()
  const prisma = load('@prisma/client/package.json').version
  console.log(JSON.stringify({ ready: `Prisma ${prisma}, pg ${load('pg/package.json').version}, Node ${process.version}` }))
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line)
    const answer =
      'show' in request
        ? { result: plain(await operations[request.operation](request.show)) }
        : { seconds: await measure(request) }
    console.log(JSON.stringify(answer))
  }
  await db.$disconnect()
}

main()
