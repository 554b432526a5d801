/** Why a scenario cannot be measured here. */
export class Skip extends Error {}
