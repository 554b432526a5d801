import { policyNames } from '../../policy.js'
import { longestTime, mostInstances } from '../../supervisor/options.js'
import { isRecord, type JsonSchema, matches } from './json-schema.js'
import type { AppOptions } from './options.js'
import { readSize, readTime, sizePattern, timePattern } from './units.js'

/** What a property of an app may be. The check and the JSON Schema both come from it. */
export interface Property {
  /** What editors show. */
  description: string
  schema: JsonSchema
  /** The schema in words. */
  expected: string
  /** Converts a value that has a unit; the result still matches the schema. */
  convert?: (value: unknown) => unknown
  /** Describes a wrong value that must not be printed. */
  got?: (value: unknown) => string
}

export type PropertyName = keyof AppOptions

/** No argument, path or variable of a program can contain a NUL. */
const text: JsonSchema = { type: 'string', pattern: '^[^\\u0000]+$' }
const anyText: JsonSchema = { type: 'string', pattern: '^[^\\u0000]*$' }

/** What an app may have, in the order in which it is documented. */
export const properties: Readonly<Record<PropertyName, Property>> = {
  name: {
    description: 'What the app is called.',
    schema: { type: 'string', pattern: '^(?!\\d+$)[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}$' },
    expected:
      'must be 1 to 64 letters, digits, ".", "_" and "-", begin with a letter or digit, and not be a number',
  },
  script: path('A script for Node, relative to the folder of this file. Either this or "command".'),
  command: path('Any program, as a shell finds it. Either this or "script".'),
  args: words('The arguments of the script or the program.'),
  nodeArgs: words('Options of Node. For a "script" only.'),
  instances: {
    description: 'How many workers; "auto" is one for each processor. Default 1.',
    schema: {
      anyOf: [{ type: 'integer', minimum: 1, maximum: mostInstances }, { enum: ['auto'] }],
    },
    expected: `must be an integer from 1 to ${mostInstances}, or "auto"`,
  },
  threads: boolean(
    'Whether the script runs in that many worker threads of one process, instead of that many processes. For a "script" only.',
  ),
  env: {
    description: 'Variables that the workers have in addition to those of reuse itself.',
    schema: {
      type: 'object',
      propertyNames: { type: 'string', pattern: '^[^=\\u0000]+$' },
      additionalProperties: anyText,
    },
    expected: 'must be an object with strings',
    got: wrongVariable,
  },
  cwd: path(
    'The folder in which the workers run, relative to the folder of this file. Default that folder.',
  ),
  weight: {
    description:
      "Each worker's share relative to other programs on the port: 0, or from 0.001 to 1000. Default 1.",
    schema: { anyOf: [{ enum: [0] }, { type: 'number', minimum: 0.001, maximum: 1000 }] },
    expected: 'must be 0, or a number from 0.001 to 1000',
  },
  steering: {
    description: 'Who gets a new connection. Without it, the group keeps its policy.',
    schema: { enum: policyNames },
    expected: `must be one of ${policyNames.join(', ')}`,
  },
  balance: boolean(
    'Whether workers that are busier than the others get fewer new connections. For a "script" only.',
  ),
  readyTimeout: time('How long a worker may take until it is ready. Default "30s".', 1),
  leaveTimeout: time('How long a worker may take to leave, before it is killed. Default "10s".', 1),
  holdTimeout: time('How long a port is kept open while no worker serves it. Default "30s".', 0),
  hangTimeout: time(
    "How long a script's event loop may be blocked before its worker is killed. Default none.",
    100,
  ),
  maxMemory: {
    description:
      'A worker that uses more resident memory than this is replaced: a number of bytes, "512M" or "1G". Default none.',
    schema: {
      anyOf: [
        { type: 'integer', minimum: 2 ** 20, maximum: Number.MAX_SAFE_INTEGER },
        { type: 'string', pattern: sizePattern },
      ],
    },
    expected: 'must be 1 MiB or more: a number of bytes, "512M" or "1G"',
    convert: readSize,
  },
  waitReady: boolean(
    'A worker is ready when it calls process.send("ready"), not when it listens. For a "script" only.',
  ),
}

export function isPropertyName(name: string): name is PropertyName {
  return Object.hasOwn(properties, name)
}

export const propertyNames = Object.keys(properties).filter(isPropertyName)

function path(description: string): Property {
  return { description, schema: text, expected: 'must be a string that is not empty, without NUL' }
}

function boolean(description: string): Property {
  return { description, schema: { type: 'boolean' }, expected: 'must be a boolean' }
}

function words(description: string): Property {
  return {
    description,
    schema: { type: 'array', items: anyText },
    expected: 'must be an array of strings without NUL',
  }
}

function time(description: string, minimum: number): Property {
  return {
    description,
    schema: {
      anyOf: [
        { type: 'integer', minimum, maximum: longestTime },
        { type: 'string', pattern: timePattern },
      ],
    },
    expected: `must be from ${minimum} ms to a day: a number of milliseconds, "1500ms", "30s" or "2m"`,
    convert: readTime,
  }
}

/** The value of a variable may be a secret. */
function wrongVariable(value: unknown): string {
  if (!isRecord(value)) return 'but it is not an object'
  const name = Object.keys(value).find((one) => !matches(anyText, value[one]))
  return name === undefined
    ? 'but one variable name is invalid'
    : `but "${name}" is not a valid string`
}
