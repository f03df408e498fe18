/** One of the commands of `isthmus`. */
export interface Command {
  /** For the list of them all. */
  readonly does: string
  /** Loads the command, which answers with the exit code. */
  readonly load: () => Promise<(args: readonly string[]) => Promise<number>>
}

/** Every command under its name; what a command is made of is loaded when it is asked for. */
export const commands: { readonly [name: string]: Command } = {
  standalone: {
    does: 'runs connectors in one process',
    load: async () => (await import('./connect-standalone.ts')).connectStandalone,
  },
  distributed: {
    does: 'runs a worker that shares the connectors of its group with others',
    load: async () => (await import('./connect-distributed.ts')).connectDistributed,
  },
  broker: {
    does: 'runs the embedded broker alone: one node, for development',
    load: async () => (await import('./broker.ts')).broker,
  },
  quickstart: {
    does: 'copies a file through an embedded broker, with nothing else installed',
    load: async () => (await import('../quickstart/quickstart.ts')).quickstart,
  },
  dev: {
    does: 'runs the plugin in a folder, and again whenever it is saved',
    load: async () => (await import('../dev/dev.ts')).dev,
  },
  topics: {
    does: 'lists, describes, creates and deletes topics of any Kafka',
    load: async () => (await import('./topics.ts')).topics,
  },
  consume: {
    does: 'prints the records of a topic, as they come',
    load: async () => (await import('./consume.ts')).consume,
  },
  produce: {
    does: 'writes lines into a topic',
    load: async () => (await import('./produce.ts')).produce,
  },
  groups: {
    does: 'lists and describes groups, with their lag, and resets their offsets',
    load: async () => (await import('./groups.ts')).groups,
  },
  create: {
    does: 'makes a folder with a source, sink, transform or converter to begin with',
    load: async () => (await import('../create/create.ts')).create,
  },
}

/** What somebody may write instead of a command's name. */
const ALIASES: { readonly [name: string]: string } = {
  'connect-standalone': 'standalone',
  'connect-distributed': 'distributed',
}

export function commandNamed(name: string): Command | undefined {
  const known = Object.hasOwn(ALIASES, name) ? (ALIASES[name] as string) : name
  return Object.hasOwn(commands, known) ? commands[known] : undefined
}
