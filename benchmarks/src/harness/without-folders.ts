/** A path with folders, at the start of a word; a URL has something before its slashes. */
const paths = /(?<=^|[\s"'(=])\/(?:[^\s"'()/]+\/)+([^\s"'()/]+)/g

/** Leaves only the last part of every absolute path: where users keep their files is not a finding. */
export function withoutFolders(text: string): string {
  return text.replace(paths, '$1')
}
