// The broker

export type { BrokerLog } from './apis/context.ts'
export type { Broker, BrokerOptions } from './broker.ts'
export { openBroker } from './broker.ts'
// Fault injection
export type { InterceptedRequest, Interception, Interceptor } from './intercept.ts'
// Security
export type { Identity, SaslMechanism, SaslOptions } from './sasl/sasl.ts'
