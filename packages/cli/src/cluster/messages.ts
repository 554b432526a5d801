/** With this message a manager tells a worker of Node's cluster module to leave. */
export const leaveMessage = '@reuse/cli leave'
