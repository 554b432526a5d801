/** The lines of Node that the packages support. */
export const nodeLines = ['20', '22', '24', '26'] as const
