// The broker

export type { Broker, BrokerOptions } from './broker.ts'
export { openBroker } from './broker.ts'
export type { BrokerLog } from './broker-log.ts'
// Fault injection
export type { InterceptedRequest, Interception, Interceptor } from './intercept.ts'
// Security
export type { Identity, SaslMechanism, SaslOptions } from './sasl/sasl.ts'
