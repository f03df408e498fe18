import { BatchError } from '../batches/error.ts'

/** A codec's package, loaded when the first batch needs it: most threads never meet one. */
export function codecPackage<T>(codec: string, name: string): T {
  try {
    return process.getBuiltinModule('node:module').createRequire(import.meta.url)(name) as T
  } catch (cause) {
    throw new BatchError(
      'UNSUPPORTED_COMPRESSION_TYPE',
      `${codec} needs the package ${name}, which cannot be loaded on ${process.platform} ${process.arch}: ${(cause as Error).message}`,
      { cause },
    )
  }
}
