import { configStoreContract } from './configs-contract.ts'
import { openMemoryConfigs, openMemoryStatuses } from './memory.ts'
import { statusStoreContract } from './statuses-contract.ts'

const nothing = { [Symbol.asyncDispose]: async () => {} }
configStoreContract('memory', async () => ({ open: async () => openMemoryConfigs(), ...nothing }))
statusStoreContract('memory', async () => ({ open: async () => openMemoryStatuses(), ...nothing }))
