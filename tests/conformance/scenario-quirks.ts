import { sink, source } from './configs.ts'
import { request, type Step, settle } from './steps.ts'

const JSON_TYPE = 'application/json'
const get = (path: string, headers: { readonly [name: string]: string }) =>
  request(`GET ${path}`, undefined, { headers })
const put = (path: string, body: string, type: string) =>
  request(`PUT ${path}`, body, { headers: { 'content-type': type } })

/** How clients of all kinds put their requests. `src` runs, `snk` is there. */
const forms: readonly Step[] = [
  get('/connectors', { accept: 'application/xml, application/json;q=0.1' }),
  get('/connectors', { accept: 'application/json;q=0' }),
  get('/connectors', { accept: '*/*;q=0.8' }),
  get('/connectors', { accept: 'nonsense' }),
  get('/', { accept: 'text/html' }),
  get('/connectors', { 'content-type': JSON_TYPE }),
  get('/connectors', { 'content-type': 'text/plain' }),
  put('/connectors/src/config', '{}', 'application/json; charset=utf-8'),
  put('/connectors/src/config', '{}', 'APPLICATION/JSON'),
  put('/connectors/src/config', '{}', 'application/x-www-form-urlencoded'),
  put('/connectors/src/config', '{}', 'application/merge-patch+json'),
  put('/connectors/src/config', '{}', 'application/*'),
  put('/connectors/src/resume', '{}', 'text/plain'),
  put('/connectors/src/resume', 'nonsense', JSON_TYPE),
  settle('src', 'RUNNING', 1),
  request('POST /connectors/src/restart', 'nonsense'),
  settle('src', 'RUNNING', 1),
  request('DELETE /connectors/none', '{"a":1}'),
  request('GET //connectors'),
  request('GET /connectors//status'),
  request('GET /connectors/src//status'),
  request('GET /Connectors'),
  request('HEAD /connectors'),
  request('HEAD /connectors/none'),
  request('HEAD /nowhere'),
  request('OPTIONS /connectors/src/config'),
  request('OPTIONS /connectors/none/tasks/0/restart'),
  request('OPTIONS /connector-plugins/x/config/validate'),
  request('OPTIONS /nowhere'),
  request('POST /health', {}),
  request('PUT /connectors/src', {}),
  request('POST /connectors/src/config', {}),
  request('GET /connectors/src/restart'),
  request('DELETE /connectors/src/config'),
  request('PATCH /connectors/src/status', {}),
]

const queries: readonly Step[] = [
  request('GET /connectors?expand=status,info'),
  request('GET /connectors?expand=STATUS'),
  request('GET /connectors?expand='),
  request('GET /connectors?expand'),
  request('GET /connectors?expand=info&expand=info'),
  request('GET /connectors?other=1'),
  request('GET /connector-plugins?connectorsOnly='),
  request('GET /connector-plugins?connectorsOnly=no'),
  request('POST /connectors/none/restart?includeTasks='),
  request('GET /connectors/src/tasks/-1/status'),
  request('GET /connectors/src/tasks/+0/status'),
  request('GET /connectors/src/tasks/00/status'),
  request('GET /connectors/src/tasks/99999999999/status'),
  request('GET /connectors/src/tasks/0'),
  request('POST /connectors/src/tasks/-1/restart'),
]

const values: readonly Step[] = [
  request('POST /connectors', { name: 7, config: source({ topic: '' }) }, { note: 'a number as name' }),
  request('POST /connectors', { name: 'q', config: source(), initial_state: '' }),
  request('POST /connectors', { name: 'q', config: source(), initial_state: 1 }),
  // Java takes it, and its connector fails
  request('POST /connectors', { name: 'q', config: source({ 'batch.size': null }) }),
  request('DELETE /connectors/q'),
  settle('q', null),
  request('POST /connectors', { name: 'q', config: source({ topic: null, 'tasks.max': null }) }),
  request('PUT /connectors/q/config', source({ name: null })),
  settle('q', 'RUNNING', 1),
  request('PUT /connectors/q/config', source({ 'batch.size': null })),
  request('DELETE /connectors/q'),
  settle('q', null),
  request('PUT /connectors/q/config', source({ 'tasks.max': true })),
  request('PUT /connectors/q/config', source({ 'batch.size': 1.5 })),
  request('PUT /connectors/q/config', source({ list: ['a'] })),
  request('PUT /connectors/q/config', source({ 'tasks.max': '' })),
  request('PUT /connectors/%20/config', source()),
  request('PUT /connectors/%09/config', source()),
  request('PATCH /connectors/src/config', {}),
  settle('src', 'RUNNING', 1),
  request('PATCH /connectors/src/config', { name: null }),
  settle('src', 'RUNNING', 1),
  request('GET /connectors/src/config'),
]

const names: readonly Step[] = [
  // Java refuses %25 and %3B in paths; they are not asked for
  request('PUT /connectors/a%3F%23+&=/config', source({ file: '{dir}/none.txt' })),
  settle('a?#+&=', 'RUNNING', 1),
  request('GET /connectors/a%3F%23+&=/status'),
  request('GET /connectors/a%3F%23%2B%26%3D/tasks'),
  request('DELETE /connectors/a%3F%23%2B&='),
  settle('a?#+&=', null),
  request('POST /connectors', { name: '日本 語', config: source({ file: '{dir}/none.txt' }) }),
  settle('日本 語', 'RUNNING', 1),
  request('DELETE /connectors/%E6%97%A5%E6%9C%AC%20%E8%AA%9E'),
  settle('日本 語', null),
]

const failures: readonly Step[] = [
  request('POST /connectors', { name: 'bad', config: sink({ file: '/no/such/folder/out' }) }),
  settle('bad', 'RUNNING', 1, 'FAILED'),
  request('GET /connectors/bad/status'),
  request('GET /connectors/bad/tasks/0/status'),
  request('POST /connectors/bad/tasks/0/restart'),
  settle('bad', 'RUNNING', 1, 'FAILED'),
  request('POST /connectors/bad/restart?includeTasks=true&onlyFailed=true'),
  settle('bad', 'RUNNING', 1, 'FAILED'),
  request('PUT /connectors/bad/pause'),
  request('DELETE /connectors/bad'),
  settle('bad', null),
]

const offsets: readonly Step[] = [
  request('PUT /connectors/src/stop'),
  settle('src', 'STOPPED', 0),
  request('POST /connectors/src/restart', undefined, { note: 'while it is stopped' }),
  settle('src', 'STOPPED', 0),
  request('PATCH /connectors/src/offsets', { offsets: {} }),
  request('PATCH /connectors/src/offsets', { offsets: [{}] }),
  request('PATCH /connectors/src/offsets', { offsets: ['a'] }),
  request('PATCH /connectors/src/offsets', {
    offsets: [{ partition: { filename: 'f' }, offset: { position: [1] } }],
  }),
  request(
    'PATCH /connectors/src/offsets',
    '{"offsets":[{"partition":{"filename":"f"},"offset":{"position":9007199254740993}}]}',
  ),
  request('PATCH /connectors/src/offsets', {
    offsets: [
      { partition: { filename: 'f' }, offset: { position: 1 } },
      { partition: { filename: 'f' }, offset: { position: 2 } },
    ],
  }),
  request('PATCH /connectors/src/offsets', { offsets: [{ partition: { filename: 'f' } }] }),
  request('GET /connectors/src/offsets'),
  request('PUT /connectors/src/resume'),
  settle('src', 'RUNNING', 1),
]

export const quirks: readonly Step[] = [...forms, ...queries, ...values, ...names, ...failures, ...offsets]
