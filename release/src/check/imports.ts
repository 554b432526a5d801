import { type Problem, unexpected } from './problem.js'

/** What Node has besides Node-API and changes from one version to the next: libuv, V8, Node's own. */
const unstable = /^_?(uv_|_ZNK?2v8|_ZNK?4node)/

export function importProblems(imports: readonly string[]): Problem[] {
  const found = imports.filter((name) => unstable.test(name))
  return unexpected('no other functions of Node than Node-API', found)
}
