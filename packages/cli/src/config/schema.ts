import { ofScripts } from '../supervisor/options.js'
import { properties, propertyNames } from './app/properties.js'

/**
 * The JSON Schema of `reuse.config.json`. Draft 7 is the version that editors know.
 *
 * It is as strict as the check, except for what no schema can say: that the names of apps differ, and that a
 * time or size with a unit is in range.
 */
export function configSchema(): object {
  const meta = { $schema: { type: 'string' } }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'reuse.config.json: the apps that `reuse run` runs',
    anyOf: [
      {
        type: 'object',
        properties: {
          ...meta,
          apps: {
            description: 'The apps, in the order in which they are started.',
            type: 'array',
            minItems: 1,
            items: appSchema({}),
          },
        },
        required: ['apps'],
        additionalProperties: false,
      },
      appSchema(meta),
    ],
  }
}

function appSchema(more: object): object {
  const rows = propertyNames.map((name) => {
    const { description, schema } = properties[name]
    return [name, { description, ...schema }]
  })
  return {
    type: 'object',
    properties: { ...more, ...Object.fromEntries(rows) },
    required: ['name'],
    oneOf: [{ required: ['script'] }, { required: ['command'] }],
    dependencies: Object.fromEntries(ofScripts.map((name) => [name, ['script']])),
    additionalProperties: false,
  }
}
