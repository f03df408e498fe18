// What a source author may use beyond the first page

export { type OffsetsOfAuthor, offsetsOf } from './offsets.ts'
export { type Page, pages } from './pages.ts'
export { type Backoff, type Polled, type PollingOptions, polling } from './polling.ts'
export { type RateLimit, rateLimit } from './rate-limit.ts'
export { type Watch, watchForChanges } from './watch.ts'
