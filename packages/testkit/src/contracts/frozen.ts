/** Bytes, dates and maps cannot be frozen; objects and lists, which plugins handle most, can. */
export function deeplyFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  for (const item of Object.values(value)) deeplyFrozen(item)
  return Object.freeze(value)
}
