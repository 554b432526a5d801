/** Where the sources are. */
export const repository = 'https://github.com/reuse-js/reuse'
