import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** The release of Apache Kafka that Isthmus is compared with. */
export const APACHE_VERSION = '4.3.1'

/** A release before workers read RESTARTING (3.0), STOPPED (3.5) and task configs without defaults (3.4), and took most of today's requests. */
export const OLDER_VERSION = '2.8.2'

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
/** What is fetched for tests is kept here, for this user. */
export const cacheFolder = (name: string): string =>
  join(process.env['ISTHMUS_CACHE'] ?? join(homedir(), '.cache', 'isthmus'), name)
/** Of older releases there is Connect alone. */
const folderOf = (release: string): string =>
  cacheFolder(release === APACHE_VERSION ? `apache-${release}` : `connect-${release}`)

const answers = (command: string): boolean =>
  spawnSync(command, ['-version'], { stdio: 'ignore' }).status === 0

/** Whether Apache Kafka can run here: Java, and Maven to fetch it unless that was done before. */
export const apacheIsPossible = (release = APACHE_VERSION): boolean =>
  answers('java') && (existsSync(folderOf(release)) || answers('mvn'))

/** The class path of Apache Kafka and Kafka Connect; of older releases there is Connect alone. */
export const apacheClassPath = (release = APACHE_VERSION): Promise<string> =>
  mavenClassPath(
    file(release === APACHE_VERSION ? 'pom.xml' : 'older.xml'),
    folderOf(release),
    release === APACHE_VERSION ? [] : [`-Dkafka=${release}`],
  )

/** The class path of a pom's dependencies, fetched once from Maven Central into a folder. */
export async function mavenClassPath(
  pom: string,
  libs: string,
  options: readonly string[] = [],
): Promise<string> {
  if (!existsSync(libs)) {
    const unfinished = `${libs}.${process.pid}`
    await mkdir(unfinished, { recursive: true })
    try {
      const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${unfinished}`]
      await promisify(execFile)('mvn', ['-q', '-B', '-f', pom, ...options, ...goal])
      await rename(unfinished, libs).catch((error: unknown) => {
        if (!existsSync(libs)) throw error // else another process was faster
      })
    } finally {
      await rm(unfinished, { recursive: true, force: true })
    }
  }
  return join(libs, '*')
}
