/** Where the servers and the clients of a scenario are, and how they reach each other. */
export interface Network extends AsyncDisposable {
  /** In a word or two, for the results. */
  name: string
  /** The address of the servers. */
  host: string
  /** The first two numbers of the clients' addresses; see client-address.ts. */
  clients: string
  /** The command that runs a command where the servers are. */
  serverCommand(command: string[]): string[]
  /** The command that runs a command where the clients are. */
  clientCommand(command: string[]): string[]
}
