import { type Answer, play, type Target } from './play.ts'
import { validations } from './validate-steps.ts'

interface Config {
  readonly definition: { readonly documentation?: string } | null
  readonly value: { readonly name: string; readonly errors: readonly string[] }
}

/** Plays the validations and keeps of each answer what transforms and predicates change in it. */
export async function answersOf(target: Pick<Target, 'url' | 'dir'>): Promise<readonly Answer[]> {
  const answers = await play(validations, { ...target, id: 'validate', group: 'no-group-at-all' })
  return answers.map((answer) => ({ ...answer, body: reduced(answer.body) }))
}

function reduced(body: unknown): unknown {
  const { configs } = Object(body) as { readonly configs?: readonly Config[] }
  if (configs === undefined) return body
  const kept = configs.filter(
    ({ value }) => /^(transforms|predicates)/.test(value.name) || value.errors.length > 0,
  )
  return { ...(body as object), configs: kept.map(withoutDocumentation) }
}

function withoutDocumentation({ definition, value }: Config): object {
  if (definition === null) return { definition, value }
  const { documentation: _, ...rest } = definition
  return { definition: rest, value }
}
