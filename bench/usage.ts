import { readFileSync } from 'node:fs'

/** Linux counts a process's CPU in hundredths of a second. */
const TICK_MICROS = 10_000
const KIB = 1024

/** CPU time that a process has used so far, all threads, user and system, in microseconds. Linux only. */
export function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in brackets and may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1]) * KIB
}

/** Samples resident memory until `stop`, which gives the highest. */
export function watchPeak(pid: number): { stop(): number } {
  let peak = residentBytes(pid)
  const look = (): void => {
    peak = Math.max(peak, residentBytes(pid))
  }
  const timer = setInterval(look, 25)
  return {
    stop() {
      clearInterval(timer)
      look()
      return peak
    },
  }
}
