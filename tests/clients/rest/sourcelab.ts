import { fileURLToPath } from 'node:url'
import { smallJvm } from '../../apache/apache.ts'
import { cacheFolder, mavenClassPath } from '../../apache/jars.ts'
import { openPlay, type Played } from './play.ts'
import type { Stage } from './stage.ts'

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

export const sourcelabClassPath = () => mavenClassPath(file('pom.xml'), cacheFolder('sourcelab-4.0.5'))

/** Every method of SourceLab's client, in one program. */
export async function playSourcelab(stage: Stage): Promise<readonly Played[]> {
  const classPath = await sourcelabClassPath()
  const play = openPlay(stage)
  const args = [stage.url, stage.username, stage.password, stage.dir]
  const jvm = [...smallJvm, '-cp', classPath, file('SourceLab.java')]
  await play.run('SourceLab.java', 'java', [...jvm, ...args])
  return play.played.flatMap(({ code, output }) =>
    output.map((line) => {
      const { method = 'main', result = line } = line as { method?: string; result?: unknown }
      return { command: method, code, output: [result] }
    }),
  )
}
