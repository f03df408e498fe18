const OLDEST = 24
const CANNOT_START = 2

/** Ends the process with one line where its Node.js is too old for anything that follows. Imports nothing, so that every Node.js can load it. */
export function requireNode(version = process.versions.node): void {
  if (Number.parseInt(version, 10) >= OLDEST) return
  process.stderr.write(
    `Isthmus needs Node.js ${OLDEST} or later; this is ${version} (${process.execPath}). 'npm install node@${OLDEST}' brings one into a project, for npx and npm scripts.\n`,
  )
  process.exit(CANNOT_START)
}
