import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { openRestAlone } from './server.ts'

const LOGGER = 'org.apache.kafka.connect.runtime.rest.RestServer'
const BODY = '{"error_code":503,"message":"Worker is still starting up."}'
/** As Java's worker writes them. */
const TIME = String.raw`\[\d\d/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/\d{4}:\d\d:\d\d:\d\d \+0000\]`

test("every request is a line of the server's logger at level info, in the form of Java's", async () => {
  await using rest = await openRestAlone({ listeners: 'http://127.0.0.1:0' })
  await asked(rest.url, 'GET', '/connectors?expand=status&x=%20y', {
    referer: 'http://ref/',
    'user-agent': 'agent "q"',
    authorization: 'Basic YW5uOng=',
  })
  await asked(rest.url, 'DELETE', '/nowhere')
  await asked(rest.url, 'OPTIONS', '/connectors')
  await asked(rest.url, 'HEAD', '/')
  const lines = rest.entries.filter(
    ({ logger, message }) => logger === LOGGER && message.includes('HTTP/1.1'),
  )
  assert.deepEqual(new Set(lines.map(({ level }) => level)), new Set(['info']))
  const expected = [
    `"GET /connectors\\?expand=status&x=%20y HTTP/1\\.1" 503 ${BODY.length} "http://ref/" "agent \\\\"q\\\\"" `,
    `"DELETE /nowhere HTTP/1\\.1" 404 49 "" "" `,
    `"OPTIONS /connectors HTTP/1\\.1" 200 24 "" "" `,
    `"HEAD / HTTP/1\\.1" 503 ${BODY.length} "" "" `,
  ]
  assert.equal(lines.length, expected.length)
  // a probe that comes before the worker has started is no fault of anybody's
  assert.deepEqual(
    rest.entries.filter(({ level }) => level === 'error'),
    [],
  )
  for (const [index, { message }] of lines.entries())
    assert.match(message, new RegExp(`^127\\.0\\.0\\.1 - - ${TIME} ${expected[index]}\\d+$`))
})

function asked(
  url: string,
  method: string,
  path: string,
  headers: { readonly [name: string]: string } = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    request(new URL(path, url), { method, headers, agent: false }, (response) => {
      response.resume().on('end', resolve)
    })
      .on('error', reject)
      .end()
  })
}
