import { type Broker, type BrokerOptions, openBroker } from '@isthmus/broker'
import { codeOf } from '@isthmus/sdk'
import type { Rest } from '../rest/open-rest.ts'

const BROKER_PORT = 9092

/** Kafka's own port when it is free, so that clients find the broker without being told. */
export async function openBrokerOnSomePort(options: Omit<BrokerOptions, 'port'>): Promise<Broker> {
  try {
    return await openBroker({ ...options, port: BROKER_PORT })
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EADDRINUSE') throw error
    return await openBroker(options)
  }
}

/** Connect's own port when it is free; on this machine only. */
export async function openRestOnSomePort(open: (listeners: string) => Promise<Rest>): Promise<Rest> {
  try {
    return await open('http://127.0.0.1:8083')
  } catch (error) {
    // another program has the port, or this user may not have it
    if (codeOf(error) !== 'connect') throw error
    return await open('http://127.0.0.1:0')
  }
}
