/** What a manager tells a worker of Node's cluster module: leave. */
export const leaveMessage = '@reuse/cli leave'
