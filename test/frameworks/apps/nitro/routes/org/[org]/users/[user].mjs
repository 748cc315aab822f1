export default (event) => event.context.params
