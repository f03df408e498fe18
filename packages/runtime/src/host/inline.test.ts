import { fakeKafka } from '../testing/fake-kafka.ts'
import { hostContract } from '../testing/host-contract.ts'
import { openInlineHost } from './inline.ts'

hostContract("the worker's own thread", openInlineHost(fakeKafka()), 'thread', false)
