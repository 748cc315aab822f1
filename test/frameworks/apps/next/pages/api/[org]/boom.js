export default function handler() {
  throw new Error('boom')
}
