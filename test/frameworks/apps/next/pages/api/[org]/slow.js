export default function handler() {
  return new Promise(() => {})
}
