import type { OffsetRange } from '../objects/key.ts'
import type { StoredObject } from '../s3/object-store.ts'

export interface PlannedObject extends StoredObject, OffsetRange {}

/** Of something to read: how much is left of it. */
export interface Left {
  readonly objects: number
  readonly bytes: number
}

/**
 * The objects of a partition that were listed and not yet taken, in the order of their keys; about 200 bytes for each. After a crash of the
 * backup objects overlap: one whose records lie in those before it is left out.
 */
export class Plan {
  #objects: PlannedObject[] = []
  #next = 0
  #bytes = 0
  #end: number

  /** `end`: the offset up to which records are taken already. */
  constructor(end: number) {
    this.#end = end
  }

  add(objects: readonly PlannedObject[]): void {
    for (const object of objects) {
      this.#objects.push(object)
      this.#bytes += object.size
    }
  }

  /** The next object with records behind those taken; null when there is none. */
  take(): PlannedObject | null {
    this.#skipCovered()
    const object = this.#objects[this.#next]
    if (object === undefined) {
      if (this.#next > 0) this.#objects = []
      this.#next = 0
      return null
    }
    this.#leave(object)
    this.#end = object.end
    return object
  }

  /** Whether it is the object that was taken last, and there is none behind it. */
  endsWith(object: PlannedObject): boolean {
    this.#skipCovered()
    return object.end === this.#end && this.#next === this.#objects.length
  }

  #skipCovered(): void {
    for (;;) {
      const object = this.#objects[this.#next]
      if (object === undefined || object.end > this.#end) return
      this.#leave(object)
    }
  }

  #leave({ size }: PlannedObject): void {
    this.#next++
    this.#bytes -= size
  }

  get left(): Left {
    return { objects: this.#objects.length - this.#next, bytes: this.#bytes }
  }
}
