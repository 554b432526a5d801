/** Does the same several times, one after the other. */
export async function repeat<T>(times: number, once: () => Promise<T>): Promise<T[]> {
  const all: T[] = []
  for (let i = 0; i < times; i++) all.push(await once())
  return all
}
