/** How many client addresses to use where more would be of no use. */
export const fewAddresses = 16

/** How many client addresses a network can have. */
export const mostAddresses = 60_000

/** Returns the n-th client address of a network, which is given by its first two numbers. */
export function clientAddress(network: string, n: number): string {
  return `${network}.${1 + Math.floor(n / 250)}.${1 + (n % 250)}`
}
