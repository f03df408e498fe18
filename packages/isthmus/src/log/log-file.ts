import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { type FileHandle, link, mkdir, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join, parse } from 'node:path'

export interface LogFileOptions {
  readonly path: string
  /** Told once that lines cannot be written, and once that they can again. */
  readonly tell: (level: 'warn' | 'info', message: string) => void
  readonly now?: () => number
  /** How long a file that could not be written is left alone. */
  readonly againMs?: number
  /** How often to look whether the file of that name is still the one that is written. */
  readonly lookMs?: number
}

/** A file that log lines are appended to. Disposing writes what waits, and waits a moment at most for a disk that does not answer. */
export interface LogFile extends AsyncDisposable {
  /** Takes whole lines; never throws and never waits. What cannot be written is dropped and told of. */
  write(lines: string): void
  /** For the end of a process that waits for nothing any more: what waits is written before this returns. */
  writeNow(): void
}

/** So much text waits for a disk that does not answer; what comes then is dropped. */
const WAITING_MAX = 4 << 20
const DISPOSE_MS = 2_000

/**
 * A log file as Java's workers write theirs, opened at its first line. What is logged while lines are being written goes out with one write. At the
 * first line after midnight, the file gets the name of its day (`connect-2026-01-31.log`). Several processes may append to one file. A file
 * that somebody has moved away is left to them, and a new one begun.
 */
export function openLogFile(options: LogFileOptions): LogFile {
  const { path, tell, now = Date.now, againMs = 10_000, lookMs = 1_000 } = options
  let waiting: string[] = []
  let size = 0
  /** Taken to be written, and not yet given to the system, which will write what it has been given. */
  let inHand = ''
  let dropped = 0
  let failed = false
  let notBefore = 0
  let file: FileHandle | null = null
  let day = ''
  let looked = 0
  let writing: Promise<void> | null = null

  async function begin(): Promise<FileHandle> {
    await mkdir(dirname(path), { recursive: true })
    const last = await stat(path).catch(() => null)
    looked = now()
    day = dayOf(looked)
    if (last?.isFile() && last.size > 0 && dayOf(last.mtimeMs) !== day) await turn(path, dayOf(last.mtimeMs))
    return await open(path, 'a')
  }

  async function leave(): Promise<void> {
    const left = file
    file = null
    await left?.close()
  }

  /** The file that the next lines belong into. */
  async function current(): Promise<FileHandle> {
    const over = day !== dayOf(now())
    if (file !== null && (over || now() - looked >= lookMs)) {
      looked = now()
      const [ours, named] = await Promise.all([file.stat(), stat(path).catch(() => null)])
      const moved = named?.ino !== ours.ino || named.dev !== ours.dev
      if (over || moved) await leave()
      if (over && !moved && named.isFile()) await turn(path, day)
    }
    file ??= await begin()
    return file
  }

  async function writeWaiting(): Promise<void> {
    while (waiting.length > 0) {
      const lines = takeWaiting()
      inHand = lines
      try {
        const target = await current()
        inHand = ''
        await writeWhole(target, lines)
        works()
      } catch (error) {
        inHand = ''
        fails(error as Error, lines)
        await leave().catch(() => {})
      }
    }
    writing = null
  }

  function takeWaiting(): string {
    const lines = waiting.join('')
    waiting = []
    size = 0
    return lines
  }

  function works(): void {
    if (dropped > 0) tell('info', `${path} is written again; ${dropped} lines are missing in it.`)
    failed = false
    dropped = 0
  }

  function fails(error: Error, lines: string): void {
    dropped += countOf(lines)
    notBefore = now() + againMs
    if (!failed)
      tell('warn', `The log cannot be written to ${path}, and goes on without that file: ${error.message}`)
    failed = true
  }

  return {
    write(lines) {
      if (size + lines.length > WAITING_MAX || (failed && now() < notBefore)) {
        dropped += countOf(lines)
        return
      }
      waiting.push(lines)
      size += lines.length
      // after what runs now, so that its lines go out together
      writing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(writeWaiting)
    },
    writeNow() {
      const lines = inHand + takeWaiting()
      inHand = ''
      if (lines === '' || failed) return
      try {
        mkdirSync(dirname(path), { recursive: true })
        const descriptor = openSync(path, 'a')
        writeSync(descriptor, lines)
        closeSync(descriptor)
      } catch {
        // nobody is left to be told
      }
    },
    async [Symbol.asyncDispose]() {
      const late = new Promise<'late'>((resolve) => setTimeout(resolve, DISPOSE_MS, 'late').unref())
      const ended = (async () => {
        while (writing !== null) await writing
        await leave().catch(() => {})
      })()
      await Promise.race([ended, late])
    },
  }
}

/** One request to the system as a rule, which a process that ends meanwhile still waits for. */
async function writeWhole(file: FileHandle, text: string): Promise<void> {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; ) from += (await file.write(bytes, from)).bytesWritten
}

const countOf = (lines: string): number => lines.split('\n').length - 1

const two = (value: number): string => String(value).padStart(2, '0')

/** `2026-01-31`, in local time. */
function dayOf(time: number): string {
  const at = new Date(time)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** Gives a file the name of its day, unless there is one of that name: of several processes that write a file, the first does it. */
async function turn(path: string, day: string): Promise<void> {
  const { dir, name, ext } = parse(path)
  const turned = join(dir, `${name}-${day}${ext}`)
  try {
    await link(path, turned)
    await unlink(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || code === 'ENOENT') return
    // a file system without links
    if ((await stat(turned).catch(() => null)) === null) await rename(path, turned)
  }
}
