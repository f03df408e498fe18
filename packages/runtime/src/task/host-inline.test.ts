import { fakeKafka } from '../testing/fake-kafka.ts'
import { hostContract } from './host-contract.ts'
import { openInlineHost } from './host-inline.ts'

hostContract("the worker's own thread", openInlineHost(fakeKafka()), 'thread', false)
