/**
 * How long a test waits for something before it fails, in milliseconds. In an emulator, everything takes
 * longer: `TEST_PATIENCE=120000`.
 */
export const patience = Number(process.env.TEST_PATIENCE ?? 30_000)
