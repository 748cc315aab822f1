/** How pushes to a Pushgateway and by remote write name themselves, in their `User-Agent`. */
export const PUSH_AGENT = 'meterkit-push'
