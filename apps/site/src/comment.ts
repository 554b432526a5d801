import type { Comment } from 'typedoc'

/**
 * Restores a comment that names the project: the name begins with an `@`, so typedoc takes it for
 * a tag.
 */
export function mendComment(comment: Comment): void {
  for (const tag of comment.getTags('@reuse')) {
    comment.summary.push({ kind: 'text', text: ' @reuse ' }, ...tag.content)
  }
  comment.removeTags('@reuse')
}
