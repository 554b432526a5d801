/** The part of JSON Schema with which the properties of an app are described. */
export type JsonSchema =
  | { type: 'string'; pattern: string }
  | { type: 'integer' | 'number'; minimum: number; maximum: number }
  | { type: 'boolean' }
  | { type: 'array'; items: JsonSchema }
  | { type: 'object'; propertyNames: JsonSchema; additionalProperties: JsonSchema }
  | { enum: readonly (string | number)[] }
  | { anyOf: readonly JsonSchema[] }

/** Whether a value matches a schema. An editor decides the same with the published schema. */
export function matches(schema: JsonSchema, value: unknown): boolean {
  if ('anyOf' in schema) return schema.anyOf.some((one) => matches(one, value))
  if ('enum' in schema) return schema.enum.some((one) => one === value)
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' && new RegExp(schema.pattern, 'u').test(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'array':
      return Array.isArray(value) && value.every((one) => matches(schema.items, one))
    case 'object':
      return (
        isRecord(value) &&
        Object.keys(value).every((name) => matches(schema.propertyNames, name)) &&
        Object.values(value).every((one) => matches(schema.additionalProperties, one))
      )
    default:
      return isInRange(schema, value)
  }
}

function isInRange(
  { type, minimum, maximum }: { type: 'integer' | 'number'; minimum: number; maximum: number },
  value: unknown,
): boolean {
  if (typeof value !== 'number' || (type === 'integer' && !Number.isInteger(value))) return false
  return value >= minimum && value <= maximum
}

/** An object that is not an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
