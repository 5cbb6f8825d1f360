/**
 * Shares one flush among everybody who asks while another is under way: a caller's promise settles with a flush that began after it asked.
 * One failure is final, because after a failed fsync nobody knows what the disk holds.
 */
export function createGroupCommit(flush: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  const begin = (): Promise<void> => {
    next = undefined
    const started = flush()
    running = started
    const settled = (): void => {
      if (running === started) running = undefined
    }
    started.then(settled, settled)
    return started
  }

  return () => {
    if (next !== undefined) return next
    if (running === undefined) return begin()
    next = running.then(begin)
    // Its asker sees the rejection; this keeps one that nobody awaits any more from ending the process.
    next.catch(() => undefined)
    return next
  }
}
