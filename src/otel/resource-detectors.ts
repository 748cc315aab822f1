import {
  type DetectedResource,
  envDetector,
  hostDetector,
  osDetector,
  processDetector,
  type ResourceDetector,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources'
import { DefinitionError } from '../model/errors'
import { detectorPackage, RESOURCE_DETECTORS, type ResourceDetectorName } from '../model/resource-detectors'

/** How long a detector may take, in milliseconds: in its own place it knows within a few, and elsewhere never. */
const DETECTION_TIMEOUT_MS = 2_000

const BUILT_IN: Partial<Record<ResourceDetectorName, ResourceDetector>> = {
  env: envDetector,
  host: hostDetector,
  os: osDetector,
  process: processDetector,
  serviceinstance: serviceInstanceIdDetector,
}

/**
 * The detectors of these names; of `'all'`, those built in and those whose package is installed. Throws where a package that
 * is asked for by name is missing.
 */
export function resourceDetectors(names: readonly (ResourceDetectorName | 'all')[]): ResourceDetector[] {
  const all = names.includes('all')
  const wanted = all ? RESOURCE_DETECTORS : (names as readonly ResourceDetectorName[])
  return wanted.flatMap((name) => {
    const own = BUILT_IN[name]
    if (own !== undefined) return [bounded(own)]
    try {
      return packagedDetectors(name).map(bounded)
    } catch (error) {
      if (all && error instanceof DefinitionError) return []
      throw error
    }
  })
}

/** What a package of OpenTelemetry's has: one detector, or one for each kind of place in a cloud. */
function packagedDetectors(name: ResourceDetectorName): ResourceDetector[] {
  const found = detectorPackage(name) ?? {}
  return Object.entries(found).flatMap(([key, value]) => (key.endsWith('Detector') ? [value as ResourceDetector] : []))
}

/** A detector whose attributes are left out where it takes too long, so that no page and no export waits for it. */
function bounded(detector: ResourceDetector): ResourceDetector {
  return {
    detect(config): DetectedResource {
      const { attributes = {} } = detector.detect(config)
      const timely = Object.entries(attributes).map(([name, value]) => [
        name,
        value instanceof Promise ? withinTime(value) : value,
      ])
      return { attributes: Object.fromEntries(timely) }
    },
  }
}

function withinTime<T>(value: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), DETECTION_TIMEOUT_MS)
    // What has been started is not to keep a process alive.
    timer.unref()
    value.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
