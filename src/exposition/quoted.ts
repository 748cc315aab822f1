import { isPlainLabel, isPlainName } from '../model/escaping'
import { escapeLabelValue } from './bytes'

/** A metric's name as it stands in `# TYPE` lines: in quotes where it has other characters than every scraper takes. */
export function quotedName(name: string): string {
  return isPlainName(name) ? name : `"${escapeLabelValue(name)}"`
}

/** A label's name as it stands before `=`, in quotes where it must be. */
export function quotedLabel(name: string): string {
  return isPlainLabel(name) ? name : `"${escapeLabelValue(name)}"`
}
