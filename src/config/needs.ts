import { errorText } from '../model/errors'
import { OTLP_FILES, otlpFile, otlpPackage } from '../model/otlp-needs'
import { detectorPackage } from '../model/resource-detectors'
import { enabled } from './enabled'
import type { MetricsOptions } from './options'
import { otlpSettings } from './otlp-settings'

/** What options need on this machine and is not here, each told as the start would: packages, and files that can be read. */
export function missingNeeds(given: MetricsOptions): string[] {
  const { exporters = [], otlp, resourceDetectors = [] } = enabled(given)
  const needs: (() => unknown)[] = resourceDetectors.map((name) => () => detectorPackage(name))
  for (const settings of exporters.includes('otlp') ? otlpSettings(otlp) : []) {
    needs.push(() => otlpPackage(settings.protocol))
    for (const key of OTLP_FILES) needs.push(() => otlpFile(key, settings[key]))
  }
  const missing = needs.flatMap((need) => {
    try {
      need()
      return []
    } catch (error) {
      return [errorText(error)]
    }
  })
  return [...new Set(missing)]
}
