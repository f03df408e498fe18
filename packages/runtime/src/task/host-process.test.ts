import { hostContract } from './host-contract.ts'
import { openProcessHost } from './host-process.ts'

hostContract('a process', openProcessHost, 'process', true)
