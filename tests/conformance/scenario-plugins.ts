import { SINK, SOURCE, sink, source } from './configs.ts'
import { request, type Step } from './steps.ts'

const validate = (name: string, config: object) =>
  request(`PUT /connector-plugins/${name}/config/validate`, config)

export const plugins: readonly Step[] = [
  request('GET /connector-plugins'),
  request('GET /connector-plugins/'),
  request('GET /connector-plugins?connectorsOnly=TRUE'),
  request('POST /connector-plugins', {}),
  request('GET /connector-plugins/FileStreamSource/config'),
  request('GET /connector-plugins/FileStreamSink/config'),
  request(`GET /connector-plugins/${SINK}/config`),
  request('GET /connector-plugins/FileStreamSource/config?version=latest'),
  request('GET /connector-plugins/FileStreamSource/config?version=4.3.1'),
  request('GET /connector-plugins/NoSuch/config'),
  request('GET /connector-plugins/JsonConverter/config'),
  request('GET /connector-plugins/org.apache.kafka.connect.storage.StringConverter/config'),
  request('GET /connector-plugins/ByteArray/config'),
  request('GET /connector-plugins/Simple/config'),
  request('GET /connector-plugins/org.apache.kafka.connect.converters.LongConverter/config'),
  validate('FileStreamSource', source({ name: 'v' })),
  validate(SOURCE, source({ name: 'v' })),
  validate('FileStreamSourceConnector', source({ name: 'v' })),
  validate('FileStreamSink', sink({ name: 'v' })),
  validate('FileStreamSink', source({ name: 'v' })),
  validate('NoSuch', { 'connector.class': 'NoSuch' }),
  validate('FileStreamSource', {}),
  validate('FileStreamSource', { 'connector.class': 'FileStreamSource' }),
  validate('FileStreamSource', { 'connector.class': 'FileStreamSource', topic: null }),
  validate('FileStreamSink', { 'connector.class': 'FileStreamSink', topics: 'a', 'topics.regex': 'b' }),
  validate('FileStreamSource', source({ name: 'v', 'tasks.max': 'abc', extra: 'kept' })),
  validate(
    'FileStreamSource',
    source({ name: 'v', 'value.converter': 'JsonConverter', 'value.converter.schemas.enable': 'x' }),
  ),
  validate(
    'FileStreamSource',
    source({ name: 'v', 'key.converter': 'StringConverter', 'header.converter': 'SimpleHeaderConverter' }),
  ),
  validate('FileStreamSource', source({ name: 'v', 'producer.override.linger.ms': '5' })),
  validate('FileStreamSink', sink({ name: 'v', 'consumer.override.max.poll.records': '10' })),
  request('PUT /connector-plugins/FileStreamSource/config/validate', 'nonsense'),
]

export const loggers: readonly Step[] = [
  request('GET /admin/loggers/root'),
  request('GET /admin/loggers/no.such.logger'),
  request('PUT /admin/loggers/conformance.a', { level: 'debug' }),
  request('GET /admin/loggers/conformance.a'),
  request('PUT /admin/loggers/conformance', { level: 'WARN' }),
  request('GET /admin/loggers/conformance.a'),
  request('PUT /admin/loggers/conformance', { level: 'LOUD' }),
  request('PUT /admin/loggers/conformance', {}),
  request('PUT /admin/loggers/conformance?scope=cluster', { level: 'INFO' }),
  request('PUT /admin/loggers/conformance?scope=galaxy', { level: 'INFO' }),
  request('DELETE /admin/loggers/root'),
]
