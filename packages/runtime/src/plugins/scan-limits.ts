/** MiB that a process which scans may take, and of these for the heap. */
export const SCAN_MEMORY_MB = 1024
export const SCAN_HEAP_MB = 512
/** How long a module may take to be imported: a large one on a busy machine takes seconds. */
export const MODULE_MS = 30_000
/** How long a process may take to start, when hundreds do. */
export const START_MS = 60_000
/** Node's exit code of what waits for nothing that can come. */
export const UNSETTLED = 13
