import type { Comment } from 'typedoc'

/**
 * Puts a comment together again that names the project: its name begins with an `@`, which typedoc
 * takes for a tag.
 */
export function mendComment(comment: Comment): void {
  for (const tag of comment.getTags('@reuse')) {
    comment.summary.push({ kind: 'text', text: ' @reuse ' }, ...tag.content)
  }
  comment.removeTags('@reuse')
}
