import { configStoreContract } from '../testing/configs-contract.ts'
import { statusStoreContract } from '../testing/statuses-contract.ts'
import { openMemoryConfigs, openMemoryStatuses } from './memory.ts'

const nothing = { [Symbol.asyncDispose]: async () => {} }
configStoreContract('memory', async () => ({ open: async () => openMemoryConfigs(), ...nothing }))
statusStoreContract('memory', async () => ({ open: async () => openMemoryStatuses(), ...nothing }))
