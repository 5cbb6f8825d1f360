import type { RecordingFiles } from './files.ts'
import { sha256 } from './session-file.ts'

const TEXT = 'written to see whether anything can be written here\n'

/** Writes, syncs, reads back and removes a small file; throws where any of it fails. */
export async function probeDisk(files: RecordingFiles, name: string): Promise<void> {
  const probe = files.create(name)
  try {
    if (probe.write(Buffer.from(TEXT)) !== Buffer.byteLength(TEXT)) throw new Error('the disk took only a part')
    await probe.datasync()
    if ((await files.digest(name)).sha256 !== sha256(TEXT)) throw new Error('the disk gave back something else')
  } finally {
    probe.close()
    await files.remove(name)
  }
}
