/** Whether a manifest is valid for Kubernetes: by its schemas, and by its types, which know every field. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Deployment } from 'kubernetes-models/apps/v1'
import { Service } from 'kubernetes-models/v1'
import ts from 'typescript'
import { parseAllDocuments } from 'yaml'

const models: Record<string, typeof Deployment | typeof Service> = {
  'apps/v1 Deployment': Deployment,
  'v1 Service': Service,
}

/** What is wrong with a file of manifests, in words. */
export function faultsOfManifests(text: string): string[] {
  const documents = parseAllDocuments(text)
  const unreadable = documents.flatMap(({ errors }) => errors.map(({ message }) => message))
  if (unreadable.length > 0) return unreadable
  return documents.flatMap((document) => faultsOf(document.toJS()))
}

function faultsOf(manifest: { apiVersion?: string; kind?: string }): string[] {
  const kind = `${manifest.apiVersion} ${manifest.kind}`
  const model = models[kind]
  if (model === undefined) return [`no schema is known for ${kind}`]
  return [...againstSchema(model, manifest), ...againstType(manifest)]
}

function againstSchema(model: typeof Deployment | typeof Service, manifest: object): string[] {
  try {
    Object.assign(new model(), manifest).validate()
    return []
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return [error.message]
  }
}

/** The schemas allow any field; the types, which are made from them, do not. */
function againstType({ apiVersion, kind, ...rest }: { apiVersion?: string; kind?: string }) {
  // In this folder, because the compiler finds the types from here.
  const folder = mkdtempSync(path.join(fileURLToPath(new URL('.', import.meta.url)), 'manifest-'))
  try {
    const file = path.join(folder, 'manifest.ts')
    const content = JSON.stringify({ apiVersion, kind, ...rest })
    writeFileSync(
      file,
      `export const manifest: import('kubernetes-models/${apiVersion}').I${kind} = ${content}`,
    )
    const program = ts.createProgram([file], {
      ...{ strict: true, noEmit: true, skipLibCheck: true, types: [] },
      module: ts.ModuleKind.NodeNext,
    })
    return ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ': '))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
