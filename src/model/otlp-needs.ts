import { readFileSync } from 'node:fs'
import { DefinitionError, errorText } from './errors'
import { optionalPackage } from './optional-package'

/** The package of OpenTelemetry's that each protocol of OTLP needs. */
const PACKAGES = {
  'http/protobuf': '@opentelemetry/exporter-metrics-otlp-proto',
  'http/json': '@opentelemetry/exporter-metrics-otlp-http',
  grpc: '@opentelemetry/exporter-metrics-otlp-grpc',
} as const

const CANNOT = 'Cannot start "otlp":'

/** Loads the package of a protocol, and returns its name. Throws where it is not installed. */
export function otlpPackage(protocol: keyof typeof PACKAGES): string {
  const name = PACKAGES[protocol]
  optionalPackage(CANNOT, name)
  return name
}

/** The options of OTLP that name a file. */
export const OTLP_FILES = ['certificate', 'clientCertificate', 'clientKey'] as const

/** What is in a file that an option of OTLP names. Throws where it cannot be read. */
export function otlpFile(key: (typeof OTLP_FILES)[number], path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path)
  } catch (error) {
    throw new DefinitionError(
      `${CANNOT} otlp.${key} must be a file that can be read, got ${JSON.stringify(path)} (${errorText(error)}). Correct the path.`,
    )
  }
}
