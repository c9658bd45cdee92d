import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'

const LIBRARY = join(import.meta.dirname, '../../scripts/lib/replace-folder.mjs')
const ROUNDS = 100

/** Replaces the folder again and again, beside others that do the same. */
const WORK = `
  const { mkdirSync, writeFileSync } = require('node:fs')
  const { parentPort, workerData: { folder, name, rounds, library } } = require('node:worker_threads')
  import(library).then(({ replaceFolder }) => {
    for (let round = 0; round < rounds; round += 1) {
      const own = folder + '/' + name + round
      mkdirSync(own)
      writeFileSync(own + '/index.html', name)
      replaceFolder(folder + '/pages', own)
    }
    parentPort.postMessage('done')
  })`

it('pages that several processes build at once are those of one of them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nod-pages-'))
  const replacing = ['a', 'b', 'c'].map(
    (name) =>
      new Promise((done, fail) => {
        const workerData = { folder, name, rounds: ROUNDS, library: LIBRARY }
        new Worker(WORK, { eval: true, workerData }).once('message', done).once('error', fail)
      }),
  )
  expect(await Promise.all(replacing)).toEqual(['done', 'done', 'done'])
  expect(readdirSync(folder)).toEqual(['pages'])
  expect(readdirSync(join(folder, 'pages'))).toEqual(['index.html'])
  rmSync(folder, { recursive: true })
})
