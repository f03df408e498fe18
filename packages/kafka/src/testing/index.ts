// What a client does with any broker: one suite for ours and Apache Kafka

export { faultsContract } from './contract/faults-contract.ts'
export { REAUTHENTICATION_MS, securityContract } from './contract/security-contract.ts'

// Clients of tests

export { TestMember } from './contract/test-member.ts'
export { enqueue, pollUntil, textOf } from './contract/values.ts'

// A server that answers what a test says

export { openScriptedServer } from './scripted-server.ts'
