/** How many client addresses there are where more would be of no use. */
export const fewAddresses = 16

/** How many a network can have. */
export const mostAddresses = 60_000

/** The n-th client address of a network, which is told by its first two numbers. */
export function clientAddress(network: string, n: number): string {
  return `${network}.${1 + Math.floor(n / 250)}.${1 + (n % 250)}`
}
