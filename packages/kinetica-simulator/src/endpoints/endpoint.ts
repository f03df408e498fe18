import type { Monitors } from '../monitors/monitors.ts'
import type { Database } from '../tables/database.ts'

/** What endpoints work on. */
export interface World {
  readonly database: Database
  readonly monitors: Monitors
  /** What `/show/system/properties` answers with. */
  readonly properties: () => Options
}

export type Options = { readonly [key: string]: string }

/** Carries out a request in the form of its endpoint, and answers in that form; throws a Refusal where it cannot. */
export type Endpoint<Request> = (world: World, request: Request) => object | Promise<object>

/** An option that is on. */
export const isOn = (options: Options, key: string): boolean => options[key]?.toLowerCase() === 'true'
