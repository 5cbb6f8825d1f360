import { createHash, hash } from 'node:crypto'
import {
  close,
  closeSync,
  createReadStream,
  fdatasync,
  fsync,
  mkdirSync,
  open,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'

/** A file that only grows. */
export interface GrowingFile {
  /** One write(); gives the bytes that the kernel took, which may be fewer. Throws what the system says. */
  write(bytes: Buffer): number
  /** fdatasync. A rejection means that nobody knows what is on the disk any more. */
  datasync(): Promise<void>
  close(): void
}

/** What recording asks of a file system, so that tests can fill the disk. */
export interface RecordingFiles {
  /** Makes a folder with mode 0700; throws if there is one. */
  makeFolder(path: string): void
  /** Makes a file with mode 0600; throws if there is one. */
  create(path: string): GrowingFile
  /** Opens a file that is there, for appending. */
  append(path: string): GrowingFile
  /** fsync of a file or of a folder's entries. */
  sync(path: string): Promise<void>
  rename(from: string, to: string): void
  remove(path: string): Promise<void>
  /** Reads a file back. */
  digest(path: string): Promise<FileDigest>
}

export interface FileDigest {
  readonly bytes: number
  /** Hex. */
  readonly sha256: string
}

const syncData = promisify(fdatasync)
const syncAll = promisify(fsync)
const openFile = promisify(open)
const closeFile = promisify(close)

/** Up to here a file is read at once: most sessions are short, and a stream costs more than they do. */
const SMALL = 256 * 1024

/** The machine's own file system. */
export const nodeFiles: RecordingFiles = {
  makeFolder(path) {
    mkdirSync(path, { mode: 0o700 })
  },
  create: (path) => growing(openSync(path, 'ax', 0o600)),
  append: (path) => growing(openSync(path, 'a', 0o600)),
  async sync(path) {
    const fd = await openFile(path, 'r')
    try {
      await syncAll(fd)
    } finally {
      await closeFile(fd)
    }
  },
  rename: renameSync,
  remove: (path) => rm(path, { force: true }),
  async digest(path) {
    if (statSync(path).size <= SMALL) return digestOf(readFileSync(path))
    const sum = createHash('sha256')
    let bytes = 0
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
      sum.update(chunk)
      bytes += chunk.length
    }
    return { bytes, sha256: sum.digest('hex') }
  },
}

const digestOf = (bytes: Buffer): FileDigest => ({ bytes: bytes.length, sha256: hash('sha256', bytes, 'hex') })

const growing = (fd: number): GrowingFile => ({
  write: (bytes) => writeSync(fd, bytes),
  datasync: () => syncData(fd),
  close: () => closeSync(fd),
})
