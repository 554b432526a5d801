import path from 'node:path'

/**
 * Folders in which people and build services keep their work, and Windows drives. A path below one
 * of them shows where a binary was built, and makes it differ from one that was built elsewhere.
 * On a drive, the path must be longer, because three bytes of code may look like one by chance.
 */
const places =
  /\/(?:home|Users|root|tmp|private|builds?|github|__w)\/[\x20-\x7e]+|[A-Za-z]:\\[\x20-\x7e]{8,}/

/**
 * The first path in a binary that shows where it was built, if any.
 *
 * @param known folders that must not be named either, wherever they are
 */
export function findBuildPath(bytes: Buffer, known: readonly string[]): string | undefined {
  const text = bytes.toString('latin1')
  const folders = known.map((folder) => path.resolve(folder))
  return (
    places.exec(text)?.[0] ??
    // A home or a working folder may be the root of the file system, which shows nothing.
    folders.find((folder) => path.dirname(folder) !== folder && text.includes(folder + path.sep))
  )
}
