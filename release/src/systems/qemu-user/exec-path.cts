/*
 * Preloaded into an emulated Node: what it starts as itself is emulated too. Linux would start the
 * file of another processor only where the emulator is registered with it.
 */
const { EMULATED_NODE } = process.env
if (EMULATED_NODE !== undefined) process.execPath = EMULATED_NODE
