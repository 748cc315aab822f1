export default () => {
  throw new Error('boom')
}
