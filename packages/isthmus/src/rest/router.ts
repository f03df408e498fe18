import type { Route } from './route.ts'

/** What a path is: a route for the method, or the methods that it has; null where there is no such path. */
export type Found =
  | { readonly route: Route; readonly params: ReadonlyMap<string, string> }
  | {
      readonly allowed: readonly string[]
    }

/** Finds routes by paths that are not decoded yet. */
export function openRouter(routes: readonly Route[]): (method: string, path: string) => Found | null {
  const patterns = routes.map((route) => ({ route, parts: route.path.split('/') }))
  return (method, path) => {
    const parts = (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path).split('/')
    const fitting = patterns.filter((one) => fits(one.parts, parts))
    if (fitting.length === 0) return null
    const wanted = method === 'HEAD' ? 'GET' : method
    const found = fitting.find(({ route }) => route.method === wanted)
    if (found === undefined) return { allowed: allowedOf(fitting.map(({ route }) => route.method)) }
    const params = new Map<string, string>()
    found.parts.forEach((part, index) => {
      if (part.startsWith('{')) params.set(part.slice(1, -1), parts[index] ?? '')
    })
    return { route: found.route, params }
  }
}

const fits = (pattern: readonly string[], parts: readonly string[]): boolean =>
  pattern.length === parts.length &&
  pattern.every((part, index) => (part.startsWith('{') ? parts[index] !== '' : part === parts[index]))

const allowedOf = (methods: readonly string[]): readonly string[] => [
  ...(methods.includes('GET') ? ['HEAD', ...methods] : methods),
  'OPTIONS',
]
