/** A path with folders, where a word begins; a URL has something before its slashes. */
const paths = /(?<=^|[\s"'(=])\/(?:[^\s"'()/]+\/)+([^\s"'()/]+)/g

/** Leaves only the last part of every absolute path: where somebody keeps his files is no finding. */
export function withoutFolders(text: string): string {
  return text.replace(paths, '$1')
}
