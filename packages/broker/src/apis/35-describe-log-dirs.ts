import { statfsSync } from 'node:fs'
import { describeLogDirs } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

/** v4: bytes of the volume */
export const describeLogDirsEndpoint = endpoint(describeLogDirs, (broker, request) => {
  const wanted = request.topics && new Map(request.topics.map(({ topic, partitions }) => [topic, partitions]))
  const topics = broker.topics
    .all()
    .filter(({ name }) => wanted === null || wanted.has(name))
    .map(({ name, partitions }) => ({
      name,
      partitions: partitions
        .filter(({ index }) => wanted === null || wanted.get(name)?.includes(index))
        .map(({ index, log }) => ({
          partitionIndex: index,
          partitionSize: log.size,
          offsetLag: 0,
          isFutureKey: false,
        })),
    }))
  const volume = statfsSync(broker.dataDir)
  return {
    errorCode: 0,
    results: [
      {
        errorCode: 0,
        logDir: broker.dataDir,
        topics,
        totalBytes: volume.blocks * volume.bsize,
        usableBytes: volume.bavail * volume.bsize,
      },
    ],
  }
})
