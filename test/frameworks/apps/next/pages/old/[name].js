export default function Page({ name }) {
  return <p>{name}</p>
}
export async function getServerSideProps({ params }) {
  return { props: { name: params.name } }
}
