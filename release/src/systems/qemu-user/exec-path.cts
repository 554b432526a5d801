/*
 * Preloaded into an emulated Node, so that programs it starts with its own executable are emulated too.
 * Linux starts a file for another processor only if the emulator is registered.
 */
const { EMULATED_NODE } = process.env
if (EMULATED_NODE !== undefined) process.execPath = EMULATED_NODE
