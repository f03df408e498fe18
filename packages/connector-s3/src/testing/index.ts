export { type MemoryStore, openMemoryStore, type StoreOperation } from './memory-store.ts'
