export const SOURCE = 'org.apache.kafka.connect.file.FileStreamSourceConnector'
export const SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector'
export const source = (more: object = {}) => ({
  'connector.class': SOURCE,
  'tasks.max': '1',
  file: '{dir}/in.txt',
  topic: '{id}-lines',
  ...more,
})
export const sink = (more: object = {}) => ({
  'connector.class': SINK,
  'tasks.max': '1',
  file: '{dir}/out.txt',
  topics: '{id}-lines',
  ...more,
})
