import { describe, expect, it } from 'vitest'
import { openConnection, url } from './scene.ts'

/** What comes back on a connection whose caller says no more after this. */
async function said(lines: readonly string[], rest = ''): Promise<string> {
  const socket = await openConnection(url)
  let answer = ''
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text))
  socket.end([...lines, '', rest].join('\r\n'))
  await new Promise((resolve) => socket.once('close', resolve))
  return answer
}

describe('a body that ends before its end', () => {
  it.each([
    ['of a known length', ['Content-Length: 50'], 'user=a'],
    ['in chunks', ['Transfer-Encoding: chunked'], 'ff\r\nuser=a'],
    ['in parts', ['Content-Type: multipart/form-data; boundary=X', 'Content-Length: 500'], '--X\r\n'],
  ])('%s, is none: nothing is done, and it is no fault of ours', async (_, headers, rest) => {
    const answer = await said(['POST /validate/check HTTP/1.1', 'Host: nod', 'Connection: close', ...headers], rest)
    // Of chunks that break off, the runtime itself may make an end.
    expect(answer).toMatch(/^(?:HTTP\/1\.1 400 [\s\S]*The body cannot be read|$)/)
  })
})

describe('a body that comes with a GET', () => {
  it.each([
    ['of a known length', ['Content-Length: 4'], 'wait'],
    ['in chunks', ['Transfer-Encoding: chunked'], '4\r\nwait\r\n0\r\n\r\n'],
    ['in chunks, of nothing', ['Transfer-Encoding: chunked'], '0\r\n\r\n'],
  ])('%s, is not read', async (_, headers, rest) => {
    const answer = await said(['GET /realm/sales HTTP/1.1', 'Host: nod', 'Connection: close', ...headers], rest)
    expect(answer).toMatch(/^HTTP\/1\.1 405 [\s\S]*This method is not allowed here/)
    const read = ['GET /validate/polltransaction/1 HTTP/1.1', 'Host: nod', 'Connection: close', ...headers]
    expect(await said(read, rest)).toMatch(/^HTTP\/1\.1 200 [\s\S]*"challenge_status":"pending"/)
  })
})
