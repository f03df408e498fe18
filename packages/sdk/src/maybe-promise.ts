/** The hot path stays synchronous: a promise is returned only where something outside has to be asked. */
export type MaybePromise<T> = T | Promise<T>
