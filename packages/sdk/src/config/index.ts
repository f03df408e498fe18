// What a worker asks of the definitions that authors write

// One value; and every message about all of them at once, as REST shows it
export { parseValue } from './parse.ts'
// Definitions and properties within others: a transform's in a connector's
export { underPrefix, withoutPrefix } from './prefix.ts'

// Definitions and values in REST's words
export { renderKey, renderValue } from './render.ts'
export { validateAll } from './validate.ts'
